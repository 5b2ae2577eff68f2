// Makes the calls of log-calls.json with the TypeScript client in Node. Arguments: the cases, a folder, a tracker's address.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { init } from 'aspara'
import { type Case, runCases } from './log-calls-runner.ts'

const [path, folder, tracker] = process.argv.slice(2)
const cases: Case[] = JSON.parse(await readFile(path, 'utf8'))
const outcomes = await runCases(init, cases, {
  options: (one, index) => ({
    dir: join(folder, String(index)),
    ...(one.tracker ? { trackerUri: tracker } : { trackerUri: 'http://127.0.0.1:9', mode: 'offline' }),
    ...(one.env === undefined && { project: 'log-calls' }),
    settings: { exitHandlers: false },
  }),
  listen(hear) {
    const { write } = process.stderr
    process.stderr.write = (text: string | Uint8Array) => {
      for (const line of String(text).split('\n')) if (line !== '') hear(line)
      return true
    }
    return () => {
      process.stderr.write = write
    }
  },
  setVariables(variables) {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  },
})
process.stdout.write(JSON.stringify(outcomes))
