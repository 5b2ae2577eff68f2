import { Header } from '../ui/header.tsx'

export function TrashPage() {
  return <Header />
}
