// Ends an older Node with one sentence. It is imported before anything else is, and written so that any Node can read it:
// what it would say otherwise is the line of our code that it does not understand, which is a very long one.
const wanted = 24
if (Number(process.versions.node.split('.')[0]) < wanted) {
  process.stderr.write(
    `aspara: the tracker needs Node ${wanted} or newer, and ${process.execPath} is ${process.version}. ` +
      'Install a newer one from https://nodejs.org, or with: npm install --global node\n',
  )
  process.exit(1)
}
