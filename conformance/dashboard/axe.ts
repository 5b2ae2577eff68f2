import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Fails when axe finds a fault in the page as it is that keeps somebody from using it: serious and critical ones. */
export async function findNoFault(page: Page, what: string): Promise<void> {
  // By the debugger, which the page's content security policy does not concern.
  await page.evaluate(`globalThis.axe ?? (() => { ${source} })()`)
  const results = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as AxeResults
  const faults = results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n  ${nodes.map(({ html, failureSummary }) => `${html}\n    ${failureSummary}`).join('\n  ')}`,
    )
  assert.deepEqual(faults, [], `axe on ${what}`)
}
