import { Header } from '../ui/header.tsx'

export function ProjectsPage() {
  return <Header />
}
