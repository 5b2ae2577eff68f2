import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../ui/button.tsx'
import { copyText } from '../ui/clipboard.ts'
import { toastProblem } from '../ui/toasts.tsx'

const saidMs = 2_000

/** Copies a text; `what` says which: "Copy the name". */
export function CopySign({ text, what, tabIndex }: { text: () => string; what: string; tabIndex?: number }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await copyText(text())
      setCopied(true)
      setTimeout(() => setCopied(false), saidMs)
    } catch (error) {
      toastProblem('Not copied', error)
    }
  }
  return (
    <IconButton
      label={isCopied ? 'Copied' : what}
      tabIndex={tabIndex}
      className="size-6! [&_svg]:size-3.5!"
      onClick={(event) => {
        event.stopPropagation()
        void copy()
      }}
    >
      {isCopied ? <Check /> : <Copy />}
    </IconButton>
  )
}
