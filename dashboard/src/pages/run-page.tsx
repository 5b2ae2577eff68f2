import { Header } from '../ui/header.tsx'

export function RunPage() {
  return <Header />
}
