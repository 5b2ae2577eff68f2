// The bill of materials of what is shipped: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. What is in it is what the
// bundlers have put into their files, and what is known of it is what package-lock.json says. The same sources make the
// same bytes: there is no date in it, and its serial number is a hash of the rest.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The package in package-lock.json that a file of node_modules belongs to; undefined for our own files. */
export function packageOf(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.replaceAll('\\', '/').replace(/^\0+/, ''))?.[0]
}

/**
 * A bill as JSON. `packages` are places in package-lock.json (`node_modules/ajv`), each of which is in what is shipped.
 * @throws when one of them is not in package-lock.json
 */
export function billOfMaterials({ name, version, description, packages }) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages
  const places = [...new Set(packages)].sort()
  const components = new Map()
  for (const place of places) {
    const component = componentOf(place, lock[place])
    components.set(component['bom-ref'], component)
  }
  const root = `pkg:npm/${encodeName(name)}@${version}`
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': root,
        name,
        version,
        description,
        licenses: [{ license: { id: 'Apache-2.0' } }],
        purl: root,
      },
    },
    components: [...components.values()],
    dependencies: dependenciesOf(root, places, lock),
  }
  const hash = createHash('sha256').update(JSON.stringify(bill)).digest('hex')
  const { bomFormat, specVersion, ...rest } = bill
  return `${JSON.stringify({ bomFormat, specVersion, serialNumber: `urn:uuid:${uuidOf(hash)}`, ...rest }, null, 2)}\n`
}

function componentOf(place, locked) {
  if (!locked?.version) throw new Error(`${place} is shipped, but is not in package-lock.json`)
  const purl = purlOf(place, locked)
  const name = nameOf(place)
  const scope = name.startsWith('@') ? name.split('/', 1)[0] : undefined
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope && { group: scope }),
    name: scope ? name.slice(scope.length + 1) : name,
    version: locked.version,
    ...(locked.integrity && { hashes: locked.integrity.split(' ').map(hashOf) }),
    ...(locked.license && { licenses: [licenseOf(locked.license)] }),
    purl,
  }
}

/** What each package asks for, of what is shipped. */
function dependenciesOf(root, places, lock) {
  const isAskedFor = new Set()
  const asked = new Map()
  for (const place of places) {
    const { dependencies, optionalDependencies, peerDependencies } = lock[place]
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
    const found = names.map((name) => resolve(place, name, places)).filter((other) => other !== undefined)
    const ref = purlOf(place, lock[place])
    const refs = asked.get(ref) ?? new Set()
    for (const other of found) {
      refs.add(purlOf(other, lock[other]))
      isAskedFor.add(other)
    }
    asked.set(ref, refs)
  }
  const own = places.filter((place) => !isAskedFor.has(place)).map((place) => purlOf(place, lock[place]))
  return [[root, new Set(own)], ...asked].map(([ref, refs]) => ({ ref, dependsOn: [...refs].sort() }))
}

/** Where Node finds a package that another asks for: in that one's own folder, or in one above it. */
function resolve(place, name, places) {
  for (let folder = place; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    const inside = `${folder}/node_modules/${name}`
    if (places.includes(inside)) return inside
    if (!folder.includes('/node_modules/')) break
  }
  const outside = `node_modules/${name}`
  return places.includes(outside) ? outside : undefined
}

const nameOf = (place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Package URL, https://github.com/package-url/purl-spec: the `@` of a scope is escaped, its slash is not. */
const encodeName = (name) => name.replace('@', '%40')
const purlOf = (place, { version }) => `pkg:npm/${encodeName(nameOf(place))}@${encodeURIComponent(version)}`

/** Subresource Integrity (`sha512-` and base64) as CycloneDX writes it. */
function hashOf(integrity) {
  const [, algorithm, digest] = /^sha(\d+)-(.+)$/.exec(integrity)
  return {
    alg: algorithm === '1' ? 'SHA-1' : `SHA-${algorithm}`,
    content: Buffer.from(digest, 'base64').toString('hex'),
  }
}

/** An SPDX identifier, or an expression of several. */
function licenseOf(license) {
  return / (AND|OR|WITH) /.test(license) ? { expression: license } : { license: { id: license } }
}

/** RFC 9562, version 8: a hash, with the bits that say so. */
function uuidOf(hash) {
  const variant = ((Number.parseInt(hash[16], 16) & 3) | 8).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    variant + hash.slice(17, 20),
    hash.slice(20, 32),
  ].join('-')
}
