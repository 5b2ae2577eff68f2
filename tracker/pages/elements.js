// Changes to the page, each made only where something differs: what one is reading, selecting or about to click stays put.

export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true)
}

export function make(tag, className = '', text = '') {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}

export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

export function setTitled(element, text, title) {
  setText(element, text)
  if (element.title !== title) element.title = title
}

/** Runs `build` only when `value` is another than the last time for this place. */
export function whenChanged(place, value, build) {
  const said = JSON.stringify(value)
  if (place.said === said) return
  place.said = said
  build()
}

/**
 * Makes the children of `parent` be the items in their order, each known by its name. An element that stays is neither
 * rebuilt nor, if its neighbours stay too, moved. `version` is what else its look depends on.
 */
export function sync(parent, known, items, { makeOne, showOne, version = 0 }) {
  const names = new Set(items.map(({ name }) => name))
  for (const [name, { element }] of known) {
    if (names.has(name)) continue
    element.remove()
    known.delete(name)
  }
  // A table's head stands before its rows.
  let place = parent.tHead ? parent.tHead.nextElementSibling : parent.firstElementChild
  for (const item of items) {
    let one = known.get(item.name)
    if (!one) {
      one = makeOne(item)
      known.set(item.name, one)
    }
    if (one.element === place) place = place.nextElementSibling
    else parent.insertBefore(one.element, place)
    whenChanged(one, [item, version], () => {
      one.data = item
      showOne(one, item)
    })
  }
}

/** A cell for each of a row's columns after those it has. */
export function addCells(row, count) {
  for (let index = 0; index < count; index++) row.append(make('td'))
}
