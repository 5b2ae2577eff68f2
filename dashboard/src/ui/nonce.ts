import { setNonce } from 'get-nonce'

/** Dialogs lock the page's scrolling by a style of their own: the policy lets it in with the nonce of this page. */
export function takeNonce(): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce
  if (nonce) setNonce(nonce)
}
