import { type Static, Type } from 'typebox'

export const About = Type.Object({
  version: Type.String(),
  read_only: Type.Boolean({ description: 'It was started with `--read-only`: every write is refused' }),
  address: Type.String({ description: 'What clients are given as tracker_uri, as far as this request can tell' }),
})
export type About = Static<typeof About>
