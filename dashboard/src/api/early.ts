declare global {
  /** Questions that were asked before this script had come (public/early.js), by path. */
  var asparaEarly: Map<string, Promise<Response>> | undefined
}

/** The answer to a question that has been asked already, once; undefined when it has not been. */
export function takeEarly(path: string): Promise<Response> | undefined {
  const answer = globalThis.asparaEarly?.get(path)
  globalThis.asparaEarly?.delete(path)
  return answer
}
