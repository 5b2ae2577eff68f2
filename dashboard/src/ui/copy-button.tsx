import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'
import { copyText } from './clipboard.ts'
import { toastProblem } from './toasts.tsx'

const saidMs = 2_000

/** Copies a text, and says that it has. */
export function CopyButton({ text, what = 'Copy' }: { text: string; what?: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await copyText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), saidMs)
    } catch (error) {
      toastProblem('Not copied', error)
    }
  }
  return (
    <Button look="outline" onClick={copy} className="[&_svg]:size-3.5">
      {isCopied ? <Check /> : <Copy />}
      <span aria-live="polite">{isCopied ? 'Copied' : what}</span>
    </Button>
  )
}
