import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { apiBase, currentToken, setToken } from '../api/ask.ts'
import { setTokenNeed, useTokenNeed } from '../api/token-need.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'

/** Asks for the token as soon as the tracker wants one; then everything is asked again, and the stream, too. */
export function TokenDialog() {
  const need = useTokenNeed()
  return (
    <Dialog title="This tracker asks for a token" isOpen={need === 'yes'} onClose={() => setTokenNeed('put off')}>
      <TokenForm />
    </Dialog>
  )
}

function TokenForm() {
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState(
    currentToken() === null ? '' : 'The token that this browser had is no longer taken.',
  )

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const token = typed.trim()
    setBusy(true)
    setFault(await faultOf(token))
    setBusy(false)
  }

  /** Tries a token before it takes the place of another; answers what is wrong with it. */
  const faultOf = async (token: string): Promise<string> => {
    // A header has no other characters.
    if (!/^[\x21-\x7e]+$/.test(token)) return 'A token has no spaces and only plain letters, digits and signs.'
    try {
      const answer = await fetch(`${apiBase}/projects?limit=1`, { headers: { authorization: `Bearer ${token}` } })
      if (answer.status === 401 || answer.status === 403) return 'The tracker does not take this token.'
      if (!answer.ok) return `The tracker answered ${answer.status}; try again.`
    } catch {
      return 'The tracker does not answer; try again.'
    }
    setToken(token)
    setTokenNeed('no')
    await queries.invalidateQueries()
    return ''
  }

  return (
    <form onSubmit={submit} className="grid gap-3">
      <p className="text-ink-2">
        It is the one that the tracker was started with, by <code className="font-mono text-sm">--token</code> or{' '}
        <code className="font-mono text-sm">ASPARA_TOKEN</code>, or the one that it printed. It stays in this browser.
      </p>
      <TextField
        label="Token"
        type="password"
        autoComplete="current-password"
        autoFocus
        required
        value={typed}
        hasError={fault !== ''}
        aria-describedby="token-fault"
        onChange={({ target }) => setTyped(target.value)}
      />
      <p id="token-fault" role="alert" className="min-h-5 text-failed">
        {fault}
      </p>
      <div className="flex justify-end">
        <Button look="accent" type="submit" disabled={isBusy}>
          {isBusy ? 'Trying …' : 'Go on'}
        </Button>
      </div>
    </form>
  )
}
