import type { ComponentProps } from 'react'
import Renderer from 'react-markdown'
import rehypeSanitize from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import { Scroller } from './scroller.tsx'

const look = [
  'min-w-0 break-words [&>*:first-child]:mt-0 [&>*:last-child]:mb-0',
  '[&_p]:my-2 [&_ul]:my-2 [&_ol]:my-2 [&_ul]:list-disc [&_ol]:list-decimal [&_ul]:pl-5 [&_ol]:pl-5 [&_li]:my-0.5',
  '[&_h3]:mt-4 [&_h3]:mb-1 [&_h3]:text-lg [&_h3]:font-medium [&_h4]:mt-3 [&_h4]:mb-1 [&_h4]:font-medium',
  '[&_blockquote]:my-2 [&_blockquote]:border-line-strong [&_blockquote]:border-l-2 [&_blockquote]:pl-3 [&_blockquote]:text-ink-2',
  '[&_code]:rounded-[3px] [&_code]:bg-sunken [&_code]:px-1 [&_code]:font-mono [&_code]:text-sm',
  '[&_pre]:my-2 [&_pre]:overflow-x-auto [&_pre]:rounded-(--radius) [&_pre]:border [&_pre]:border-line [&_pre]:bg-sunken [&_pre]:p-2 [&_pre_code]:bg-transparent [&_pre_code]:p-0',
  '[&_th]:border-line [&_th]:border-b [&_th]:px-2 [&_th]:py-1 [&_th]:text-left [&_th]:font-medium [&_td]:border-line [&_td]:border-b [&_td]:px-2 [&_td]:py-1',
  '[&_hr]:my-3 [&_hr]:border-line',
].join(' ')

/** Markdown of anybody's as text of the page: no HTML, no script, and no picture, for that would ask another host. */
export default function Markdown({ text }: { text: string }) {
  return (
    <div className={look}>
      <Renderer
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[rehypeSanitize]}
        components={{
          // The page's own headings stand above them.
          h1: ({ node: _, ...props }) => <Heading {...props} />,
          h2: ({ node: _, ...props }) => <Heading {...props} />,
          h5: ({ node: _, children }) => <h4>{children}</h4>,
          h6: ({ node: _, children }) => <h4>{children}</h4>,
          a: ({ node: _, children, href }) => <Elsewhere href={href}>{children}</Elsewhere>,
          img: ({ node: _, src, alt }) => (
            <Elsewhere href={typeof src === 'string' ? src : undefined}>{alt || 'picture'}</Elsewhere>
          ),
          input: ({ node: _, checked }) => (
            <span role="img" aria-label={checked ? 'done' : 'to do'}>
              {checked ? '☑' : '☐'}
            </span>
          ),
          table: ({ node: _, children }) => (
            <Scroller label="Table" className="my-2 overflow-x-auto">
              <table className="border-collapse text-sm">{children}</table>
            </Scroller>
          ),
          pre: ({ node: _, children }) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
            <pre tabIndex={0}>{children}</pre>
          ),
        }}
      >
        {text}
      </Renderer>
    </div>
  )
}

const Heading = ({ children }: ComponentProps<'h3'>) => <h3>{children}</h3>

const Elsewhere = ({ href, children }: ComponentProps<'a'>) =>
  href ? (
    <a href={href} target="_blank" rel="noopener noreferrer" className="text-accent underline underline-offset-2">
      {children}
    </a>
  ) : (
    children
  )
