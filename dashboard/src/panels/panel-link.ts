import { copyText } from '../ui/clipboard.ts'
import { toast, toastProblem } from '../ui/toasts.tsx'

/** The key of an address that opens a panel over the page. */
export const panelKey = 'panel'

/** A link that shows the page as it is now, with this panel on full screen. */
export async function copyPanelLink(metric: string): Promise<void> {
  const link = new URL(location.href)
  link.searchParams.set(panelKey, metric)
  try {
    await copyText(link.href)
    toast({ text: `Copied the link to ${metric}` })
  } catch (error) {
    toastProblem('The link is not copied', error)
  }
}
