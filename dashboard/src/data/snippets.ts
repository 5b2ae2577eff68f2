/** What both clients send to when nothing tells them otherwise; a name for the same machine is the same address. */
const isDefaultAddress = (address: string) => /^http:\/\/(127\.0\.0\.1|localhost):3142\/?$/.test(address)

export type Language = 'python' | 'typescript'

/** The first three lines of a training that logs to the tracker at `address`. They run as they stand. */
export function firstLines(language: Language, address: string, project: string): string {
  const isDefault = isDefaultAddress(address)
  if (language === 'python') {
    const uri = isDefault ? '' : `, tracker_uri="${address}"`
    return `import aspara\nrun = aspara.init(project="${project}"${uri})\nrun.log({"loss": 0.5})`
  }
  const uri = isDefault ? '' : `, trackerUri: '${address}'`
  const name = "'aspara'"
  return `import { init } from ${name}\nconst run = await init({ project: '${project}'${uri} })\nrun.log({ loss: 0.5 })`
}
