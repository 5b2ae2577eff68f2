/** What lies over the page: menus, popovers, lists of completions. */
export const surface =
  'z-50 rounded-(--radius) border border-line bg-raised text-ink shadow-lg shadow-black/10 dark:shadow-black/40 outline-none'
