import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

const root = new URL('../', import.meta.url)
const read = (path: string | URL) => JSON.parse(readFileSync(new URL(path, root), 'utf8'))

interface Component {
  'bom-ref': string
  group?: string
  name: string
  version: string
  purl: string
  hashes: { alg: string; content: string }[]
}
const readBill = (): {
  components: Component[]
  dependencies: { ref: string; dependsOn: string[] }[]
  metadata: { component: { 'bom-ref': string; version: string } }
} => read('tracker/dist/sbom.cdx.json')
const fullName = ({ group, name }: Component) => (group ? `${group}/${name}` : name)

test('the bill of materials is CycloneDX by its official schema', () => {
  // The package brings the schemas; its own validator would bring a dozen packages more.
  const library = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')
  const schema = (name: string) => read(new URL(`res/schema/${name}.SNAPSHOT.schema.json`, `file://${library}`))
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addFormat('iri-reference', true).addFormat('idn-email', true)
  ajv.addSchema(schema('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json')
  ajv.addSchema(schema('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json')
  const isValid = ajv.compile(schema('bom-1.6'))
  assert.ok(isValid(readBill()), ajv.errorsText(isValid.errors))
})

test('the bill of materials names what is shipped, in the version and with the hash of the lock file', () => {
  const { components, metadata } = readBill()
  const locked = read('package-lock.json').packages
  const found = new Map(components.map((component) => [fullName(component), component]))
  // One of each way in: bundled into the tracker, into the page, imported by a style sheet, served as it is.
  for (const name of ['fastify', 'uplot', '@fontsource-variable/inter', 'redoc']) {
    const component = found.get(name)
    assert.ok(component, name)
    const { version, integrity } = locked[`node_modules/${name}`]
    assert.equal(component.version, version)
    const [{ alg, content }] = component.hashes
    assert.equal(alg, 'SHA-512')
    assert.equal(`sha512-${Buffer.from(content, 'hex').toString('base64')}`, integrity)
  }
  assert.equal(metadata.component.version, read('tracker/package.json').version)
  for (const name of ['typescript', 'playwright-core', '@aspara/store']) assert.equal(found.has(name), false, name)
})

test('every dependency that the bill of materials speaks of is a component of it', () => {
  const { components, dependencies, metadata } = readBill()
  const known = new Set([...components, metadata.component].map((component) => component['bom-ref']))
  const spoken = dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
  assert.deepEqual(
    spoken.filter((ref) => !known.has(ref)),
    [],
  )
  assert.equal(new Set(dependencies.map(({ ref }) => ref)).size, known.size)
})
