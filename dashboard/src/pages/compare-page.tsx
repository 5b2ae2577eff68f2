import { Header } from '../ui/header.tsx'

export function ComparePage() {
  return <Header />
}
