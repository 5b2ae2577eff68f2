import { parseArgs } from 'node:util'
import { defaultPort, logLevels, trackerSettings } from '../config.ts'

const help = `aspara tracker: starts the tracker

  --host HOST        address to listen on (127.0.0.1, or ASPARA_HOST); any other than a loopback one needs a token
  --port PORT        port to listen on (${defaultPort}, or ASPARA_PORT); 0 takes a free one
  --data-dir DIR     where everything is kept: --data-dir, else ASPARA_DATA_DIR, else XDG_DATA_HOME/aspara,
                     else ~/.local/share/aspara; one tracker at a time. What this user's runs have spooled for
                     this tracker is taken in from there, from the default folder and the temporary one
  --token TOKEN      every call but health needs 'Authorization: Bearer TOKEN' (or ASPARA_TOKEN, which others
                     on this machine can't see in the list of processes)
  --no-auth          let everyone in who reaches the address
  --read-only        show what is there, refuse every write with 403
  --group-readable   what is kept can be read by this user's group; without, by this user alone
  --log-level LEVEL  ${logLevels.join(', ')} (info, or ASPARA_LOG_LEVEL)

Then, in Python:
  import aspara
  run = aspara.init(project="demo", tracker_uri="http://127.0.0.1:${defaultPort}")
  run.log({"loss": 0.5})
  run.finish()
`

export async function trackerCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'data-dir': { type: 'string' },
      'log-level': { type: 'string' },
      token: { type: 'string' },
      'no-auth': { type: 'boolean' },
      'read-only': { type: 'boolean' },
      'group-readable': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return void process.stdout.write(help)
  const settings = trackerSettings(values)
  const { runTracker } = await import('../main.ts')
  await runTracker(settings)
}
