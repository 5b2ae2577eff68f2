import { ChevronUp, X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { useState } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { RunTable } from './run-table.tsx'
import { useMeasured } from './use-measured.ts'
import type { RunList } from './use-runs.ts'

/** On a phone: the runs come up from the bottom, over the charts. */
export function RunSheet({ list, shown }: { list: RunList; shown: number }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Radix.Root open={isOpen} onOpenChange={setOpen}>
      <Radix.Trigger asChild>
        <Button look="outline" className="h-9 w-full justify-center">
          <ChevronUp className="size-4" aria-hidden="true" />
          <span className="font-medium">Runs</span> {shown.toLocaleString('en')}/{list.runs.length.toLocaleString('en')}
          {list.isPartial && '…'}
        </Button>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/30" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => event.preventDefault()}
          className="fixed inset-x-0 bottom-0 z-50 flex h-[85dvh] flex-col overflow-hidden rounded-t-[12px] border-line border-t bg-page outline-none"
        >
          <Radix.Title className="sr-only">Runs</Radix.Title>
          <Inside list={list} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Inside({ list }: { list: RunList }) {
  const [box, width] = useMeasured()
  return (
    <div ref={box} className="min-h-0 flex-1">
      {width > 0 && (
        <RunTable
          list={list}
          width={width}
          closer={
            <Radix.Close asChild>
              <IconButton label="Close">
                <X />
              </IconButton>
            </Radix.Close>
          }
        />
      )}
    </div>
  )
}
