// The page at `/`: projects, their runs, and how each run stands. It asks the public API every few seconds, like any other
// program would.

import { api, Gone, hasToken, list, pageSizeMax, Refused, request, serverNowMs, useToken } from './api.js'
import { addCells, fromTemplate, make, setText, setTitled, show, sync, whenChanged } from './elements.js'
import {
  agoText,
  bytesText,
  clockText,
  countText,
  documentLines,
  documentPreview,
  durationText,
  metricText,
  momentText,
  numberText,
  wholeText,
} from './words.js'

const refreshMs = 5_000
/** A project nobody is heard from is asked for again after this time: notes and tags change without a word from a run. */
const recheckMs = 60_000
const projectsPerPage = 50
const runsPerPage = 25
const metricColumnsMax = 6
/** A name longer than this may be cut off in its row, and is written out in the opened run. */
const nameCharsInRow = 28
/** What has more is read through the API: here 2,000 rows would answer no question. */
const metricRowsMax = 200
const documentRowsMax = 500
/** The projects heard from last are open from the start. */
const openProjects = 3

const $ = (id) => document.getElementById(id)
const projects = new Map()
let projectsShown = projectsPerPage
/** When the data on the page was true. */
let shownAt
let timer
let isRefreshing = false
let isWantedAgain = false

// Asking

const projectPath = (project) => `/projects/${encodeURIComponent(project)}`
const runPath = (project, run) => `${projectPath(project)}/runs/${encodeURIComponent(run)}`

async function refresh() {
  clearTimeout(timer)
  isWantedAgain = isRefreshing
  if (isRefreshing) return
  isRefreshing = true
  try {
    showProjects(await list('/projects', 'projects', projectsShown))
    await Promise.all([...projects.values()].map(refreshRuns))
    shownAt = new Date()
    showConnection('live', 'live')
  } catch (error) {
    showFault(error)
  }
  isRefreshing = false
  showTimes()
  if (isWantedAgain) refresh()
  else if (!document.hidden && $('token-form').hidden) timer = setTimeout(refresh, refreshMs)
}

async function refreshRuns(project) {
  const { element, data, runsShown } = project
  // A project's own line changes whenever one of its runs is heard from.
  const asked = `${JSON.stringify(data)} ${runsShown}`
  if (!element.open || (asked === project.asked && Date.now() - project.askedAt < recheckMs)) return
  try {
    showRuns(project, await list(`${projectPath(data.name)}/runs`, 'runs', runsShown))
    project.asked = asked
    project.askedAt = Date.now()
  } catch (error) {
    // Deleted since it was listed; the next list will tell.
    if (error.status !== 404) throw error
  }
}

// How things stand

function showFault(error) {
  if (error.status === 401) return askForToken()
  const isOurs = !(error instanceof Refused || error instanceof Gone)
  if (isOurs) console.error(error)
  const reason = isOurs ? `this page failed (${error.message})` : error instanceof Gone ? 'reconnecting' : error.message
  showConnection('gone', `${reason}, ${shownAt ? `showing data of ${clockText(shownAt)}` : 'no data so far'}`)
}

function showConnection(state, text) {
  $('connection').className = state
  setText($('connection'), text)
}

function askForToken() {
  setText($('token-fault'), hasToken() ? 'The tracker does not know this token.' : '')
  showConnection('', 'a token is needed')
  for (const id of ['welcome', 'projects', 'more-projects']) show($(id), false)
  const isNew = $('token-form').hidden
  show($('token-form'), true)
  if (isNew) $('token').focus()
}

function showProjects({ items, hasMore }) {
  show($('token-form'), false)
  show($('projects'), true)
  show($('more-projects'), hasMore)
  show($('welcome'), items.length === 0)
  if (items.length === 0) setText($('snippet'), snippet())
  const lastHeard = items.toSorted((a, b) => Date.parse(b.heard_at ?? 0) - Date.parse(a.heard_at ?? 0))
  const open = new Set(lastHeard.slice(0, openProjects))
  const makeOne = (item) => makeProject(open.has(item))
  sync($('projects'), projects, items, { makeOne, showOne: showProject })
}

/** Three lines that work as they stand: a run that was never created is created by its first metric. */
function snippet() {
  const headers = hasToken() ? ', headers={"Authorization": "Bearer <token>"}' : ''
  return `import requests
run = "${location.origin}${api}/projects/my_project/runs/first"
requests.post(f"{run}/metrics", json={"step": 1, "metrics": {"loss": 0.5}}${headers})`
}

// Projects and runs

function makeProject(isOpen) {
  const element = fromTemplate('project-template')
  const more = element.querySelector('.more')
  const project = { element, more, table: element.querySelector('table'), runs: new Map(), columns: [] }
  project.runsShown = runsPerPage
  element.open = isOpen
  element.addEventListener('toggle', () => element.open && refresh())
  more.addEventListener('click', () => {
    project.runsShown += 4 * runsPerPage
    refresh()
  })
  return project
}

function showProject({ element }, data) {
  setTitled(element.querySelector('.name'), data.display_name || data.name, data.name)
  setText(element.querySelector('.count'), `${wholeText(data.runs)} ${data.runs === 1 ? 'run' : 'runs'}`)
  setTime(element.querySelector('.heard'), data.heard_at, (ago) => `· heard ${ago}`)
  setTags(element.querySelector('.tags'), data.tags)
  setNotes(element.querySelector('.notes'), data.notes)
}

function showRuns(project, { items, hasMore }) {
  const { element, table, more, columns } = project
  show(table, items.length > 0)
  show(element.querySelector('.nothing'), items.length === 0)
  show(more, hasMore)
  setText(more, `Show more runs (${wholeText(items.length)} of ${wholeText(project.data.runs)})`)
  chooseColumns(project, items)
  table.setAttribute('aria-label', `Runs of ${project.data.display_name || project.data.name}`)
  const makeOne = () => makeRun(project)
  sync(table, project.runs, items, { makeOne, showOne: showRun, version: columns.length })
}

/**
 * A column for each of the metrics that most runs have. Once chosen, a column stays: a table that rearranges itself can't
 * be read.
 */
function chooseColumns({ table, columns }, runs) {
  const runsWith = new Map()
  for (const { metrics } of runs)
    for (const { metric } of metrics) runsWith.set(metric, (runsWith.get(metric) ?? 0) + 1)
  const others = [...runsWith.keys()].filter((metric) => !columns.includes(metric))
  others.sort((a, b) => runsWith.get(b) - runsWith.get(a))
  for (const metric of others.slice(0, metricColumnsMax - columns.length)) {
    columns.push(metric)
    const heading = make('th', 'value', metricText(metric))
    heading.scope = 'col'
    heading.title = `${metric}, last value`
    table.tHead.rows[0].lastElementChild.before(heading)
  }
}

function makeRun(project) {
  const element = fromTemplate('run-template')
  const [row, detail] = element.rows
  const run = { element, project, row, detail, artifacts: new Map(), metrics: new Map() }
  const button = row.querySelector('button')
  // The button is for keyboards and screen readers; a hand may hit the row anywhere, unless it is selecting text.
  row.addEventListener('click', () => {
    if (!getSelection().isCollapsed) return
    show(detail, detail.hidden)
    button.setAttribute('aria-expanded', String(!detail.hidden))
    showDetail(run)
  })
  return run
}

function showRun(run, data) {
  const { row, detail, project } = run
  const [status, points, config] = ['.status', '.points', '.config'].map((part) => row.querySelector(part))
  setTitled(row.querySelector('button'), data.display_name || data.name, data.name)
  status.className = `status ${data.status}`
  setTitled(status, data.status, data.exit_code === null ? '' : `exit code ${data.exit_code}`)
  setTime(row.querySelector('.heard'), data.heard_at, (ago) => ago)
  const count = data.metrics.reduce((sum, metric) => sum + metric.count, 0)
  setTitled(points, countText(count), `${wholeText(count)} points`)
  setTitled(config, documentPreview(data.config), documentPreview(data.config))
  const metrics = new Map(data.metrics.map((metric) => [metric.metric, metric]))
  const cells = row.querySelectorAll('.value')
  for (const [index, column] of project.columns.entries()) {
    const cell = cells[index] ?? makeValueCell(column)
    if (!cell.isConnected) config.before(cell)
    const metric = metrics.get(column)
    cell.classList.toggle('none', !metric)
    setNumber(cell.lastElementChild, metric ? metric.last : null)
    cell.title = metric ? `${column} ${metric.last} at step ${wholeText(metric.last_step)}` : `${column}: none`
  }
  detail.cells[0].colSpan = row.cells.length
  showDetail(run)
}

function makeValueCell(column) {
  const cell = make('td', 'value')
  cell.append(make('span', 'label', `${metricText(column)} `), make('span'))
  return cell
}

function showDetail(run) {
  const { detail, data, project } = run
  if (detail.hidden) return
  const part = (selector) => detail.querySelector(selector)
  const path = runPath(project.data.name, data.name)
  const name = data.display_name ? `${data.display_name} (${data.name})` : data.name
  setText(part('.full-name'), name)
  show(part('.full-name'), name.length > nameCharsInRow)
  setText(part('.times'), timesText(data))
  setTags(part('.tags'), data.tags)
  setNotes(part('.notes'), data.notes)
  part('.csv').href = `${api}${path}/metrics/export?format=csv`
  part('.jsonl').href = `${api}${path}/metrics/export?format=jsonl`
  show(part('.downloads'), data.metrics.length > 0)

  const shown = data.metrics.slice(0, metricRowsMax).map((metric) => ({ ...metric, name: metric.metric }))
  sync(part('.values tbody'), run.metrics, shown, { makeOne: makeMetric, showOne: showMetric })
  show(part('.metrics .nothing'), shown.length === 0)
  show(part('.values'), shown.length > 0)
  const leftOut = data.metrics.length - shown.length
  show(part('.left-out'), leftOut > 0)
  setText(part('.left-out'), `and ${wholeText(leftOut)} more: see the CSV`)

  setDocument(part('.config'), data.config)
  setDocument(part('.summary'), data.summary)
  showArtifacts(run, path).catch(showFault)
}

function timesText({ created_at, heard_at, finished_at, status, exit_code }) {
  const end = finished_at ? ` · ${status} ${momentText(finished_at)}` : ''
  const code = exit_code ? ` · exit code ${exit_code}` : ''
  return `created ${momentText(created_at)}${end} · ran ${durationText(created_at, finished_at ?? heard_at)}${code}`
}

function makeMetric() {
  const element = make('tr')
  const heading = make('th', 'metric')
  heading.scope = 'row'
  element.append(heading)
  addCells(element, 5)
  return { element }
}

function showMetric({ element }, { metric, last, min, max, last_step, count }) {
  const [heading, ...cells] = element.cells
  setTitled(heading, metric, metric)
  for (const [index, value] of [last, min, max].entries()) {
    setNumber(cells[index], value)
    cells[index].title = value === null ? 'no finite value' : String(value)
  }
  setText(cells[3], wholeText(last_step))
  setText(cells[4], wholeText(count))
}

async function showArtifacts(run, path) {
  // An artifact comes with a word from its run: until then the list is what it was.
  if (run.artifactsHeardAt === run.data.heard_at) return
  const heardAt = run.data.heard_at
  const { items } = await list(`${path}/artifacts`, 'artifacts', pageSizeMax)
  run.artifactsHeardAt = heardAt
  show(run.detail.querySelector('.artifacts'), items.length > 0)
  const showOne = ({ element }, { name, file_size, sha256, category, description }) => {
    const link = element.firstElementChild
    link.href = `${api}${path}/artifacts/${encodeURIComponent(name)}`
    setTitled(link, name, `SHA-256 ${sha256}`)
    setText(element.lastElementChild, ` ${[bytesText(file_size), category, description].filter(Boolean).join(' · ')}`)
  }
  sync(run.detail.querySelector('.artifacts ul'), run.artifacts, items, { makeOne: makeArtifact, showOne })
}

function makeArtifact() {
  const element = make('li')
  const link = make('a')
  link.dataset.download = ''
  element.append(link, make('span', 'quiet'))
  return { element }
}

// Pieces

function setNumber(element, value) {
  setText(element, numberText(value))
  element.classList.toggle('bad', typeof value === 'string')
}

function setTime(element, moment, sentence) {
  element.dataset.time = ''
  element.showTime = () => setText(element, moment ? sentence(agoText(moment, serverNowMs())) : '')
  element.showTime()
  element.title = moment ? momentText(moment) : ''
}

function showTimes() {
  for (const element of document.querySelectorAll('[data-time]')) element.showTime()
}

function setTags(place, tags) {
  whenChanged(place, tags, () => {
    place.replaceChildren(...tags.map((tag) => make('span', '', tag)))
    for (const tag of place.children) tag.title = tag.textContent
  })
}

function setNotes(place, notes) {
  setText(place, notes)
  show(place, notes !== '')
}

function setDocument(place, values) {
  whenChanged(place, values, () => {
    const lines = documentLines(values)
    const leftOut = lines.length - documentRowsMax
    const shown = lines.slice(0, documentRowsMax)
    if (leftOut > 0) shown.push(['…', `and ${wholeText(leftOut)} more`])
    show(place, shown.length > 0)
    const entries = shown.flatMap(([key, text]) => [make('dt', '', key), make('dd', '', text)])
    place.querySelector('dl').replaceChildren(...entries)
  })
}

// Hands

$('more-projects').addEventListener('click', () => {
  projectsShown += projectsPerPage
  refresh()
})

$('token-form').addEventListener('submit', (event) => {
  event.preventDefault()
  useToken($('token').value.trim())
  refresh()
})

$('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText($('snippet').textContent)
  } catch {
    // The clipboard is open only to pages of this machine and of https; elsewhere the old way is left.
    getSelection().selectAllChildren($('snippet'))
    document.execCommand('copy')
  }
  setText($('copy'), 'Copied')
  setTimeout(() => setText($('copy'), 'Copy'), 2_000)
})

// A link can't carry a token: with one, the page fetches the file and hands it over.
document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a[data-download]')
  if (!link || !hasToken()) return
  event.preventDefault()
  try {
    const answer = await request(link.href)
    const named = /filename="?([^";]+)/.exec(answer.headers.get('content-disposition') ?? '')?.[1]
    const file = make('a')
    file.href = URL.createObjectURL(await answer.blob())
    file.download = named ?? new URL(link.href).pathname.split('/').at(-1)
    file.click()
    setTimeout(() => URL.revokeObjectURL(file.href), 60_000)
  } catch (error) {
    showFault(error)
  }
})

document.addEventListener('visibilitychange', () => {
  clearTimeout(timer)
  if (!document.hidden) refresh()
})

refresh()
