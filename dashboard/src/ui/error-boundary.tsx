import { Component, type ReactNode } from 'react'
import { Button } from './button.tsx'

interface Props {
  /** What it is, as the sentence begins: "This preview". */
  what: string
  /** Another one of these is another try. */
  of?: string
  /** What else can be done. */
  ways?: ReactNode
  children: ReactNode
}

/** A part of the page that fails leaves the rest alone, and says so in its place. */
export class ErrorBoundary extends Component<Props, { error: Error | null; of: string | undefined }> {
  override state = { error: null as Error | null, of: this.props.of }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  static getDerivedStateFromProps({ of }: Props, state: { error: Error | null; of: string | undefined }) {
    return of === state.of ? null : { error: null, of }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <div
        role="alert"
        className="grid min-h-24 place-content-center justify-items-center gap-2 p-4 text-center text-sm"
      >
        <p className="text-ink-2">{this.props.what} can’t be shown.</p>
        <p className="max-w-140 break-words font-mono text-failed text-xs">{error.message}</p>
        <div className="flex flex-wrap justify-center gap-2">
          <Button look="outline" onClick={() => this.setState({ error: null })}>
            Try again
          </Button>
          {this.props.ways}
        </div>
      </div>
    )
  }
}
