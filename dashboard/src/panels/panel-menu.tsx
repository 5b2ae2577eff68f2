import type { ReactElement, RefObject } from 'react'
import type { ChartView } from '../charts/chart-view.ts'
import { useFeed } from '../live/use-feed.ts'
import { Menu, MenuCheck, MenuChoice, MenuItem, MenuLine, MenuTitle } from '../ui/menu.tsx'
import type { TriggerProps } from '../ui/opening.ts'
import { toastProblem } from '../ui/toasts.tsx'
import { useViewStore } from '../view/use-view.ts'
import type { PanelView, Scale } from '../view/view.ts'
import { saveDrawing, saveEveryPoint, saveLines, savePicture } from './chart-files.ts'
import type { PanelLines } from './panel-lines.ts'
import { copyPanelLink } from './panel-link.ts'
import type { PanelLook } from './panel-look.ts'

interface Props {
  metric: string
  look: PanelLook
  view: RefObject<ChartView | null>
  lines: RefObject<PanelLines | null>
  onTable: () => void
  onOpen: (metric: string) => void
  /** Its button. */
  children: ReactElement<TriggerProps>
}

const scales: [Scale, string][] = [
  ['linear', 'Linear'],
  ['log', 'Logarithmic'],
  ['symlog', 'Symmetric log'],
]

/** Everything that concerns one panel alone. */
export function PanelMenu({ metric, look, view, lines, onTable, onOpen, children }: Props) {
  const store = useViewStore()
  const { project } = useFeed()
  const change = (deed: string, own: Partial<PanelView>) =>
    store.change(`${deed} of ${metric}`, ({ panels }) => ({
      panels: { ...panels, [metric]: { ...panels[metric], ...own } },
    }))
  const save = (deed: Promise<void>) => void deed.catch((error) => toastProblem('The file could not be made', error))
  const isOwn = store.view.panels[metric] !== undefined
  return (
    <Menu trigger={children} align="end">
      <MenuItem keys="f" onSelect={() => onOpen(metric)}>
        Full screen
      </MenuItem>
      <MenuItem onSelect={onTable}>Show as table</MenuItem>
      <MenuCheck
        isChecked={look.isPinned}
        onChange={(isPinned) =>
          store.change(isPinned ? `pin ${metric}` : `unpin ${metric}`, ({ pinnedPanels }) => ({
            pinnedPanels: isPinned ? [...pinnedPanels, metric] : pinnedPanels.filter((one) => one !== metric),
          }))
        }
      >
        Pinned to the top
      </MenuCheck>
      <MenuLine />
      <MenuTitle>Y axis</MenuTitle>
      <MenuChoice value={look.yScale} options={scales} onChange={(yScale) => change('y axis', { yScale })} />
      <MenuCheck isChecked={look.clip} onChange={(clipOutliers) => change('outliers', { clipOutliers })}>
        Leave outliers out
      </MenuCheck>
      <MenuLine />
      <MenuItem onSelect={() => change('width', { wide: look.wide + 1 })}>Wider</MenuItem>
      <MenuItem isDisabled={look.wide < 2} onSelect={() => change('width', { wide: look.wide - 1 })}>
        Narrower
      </MenuItem>
      <MenuItem onSelect={() => change('height', { tall: look.tall === 1 ? 2 : 1 })}>
        {look.tall === 1 ? 'Taller' : 'Less tall'}
      </MenuItem>
      <MenuItem
        isDisabled={!isOwn}
        onSelect={() => store.change(`reset ${metric}`, ({ panels: { [metric]: _, ...panels } }) => ({ panels }))}
      >
        As all others
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => save(savePicture(view.current!, metric))}>Download PNG</MenuItem>
      <MenuItem onSelect={() => save(saveDrawing(view.current!, metric))}>Download SVG</MenuItem>
      <MenuItem onSelect={() => save(saveLines(view.current!, metric))}>Download CSV as drawn</MenuItem>
      <MenuItem onSelect={() => save(saveEveryPoint(project, metric, lines.current!.runs))}>
        Download CSV of every point
      </MenuItem>
      <MenuItem onSelect={() => copyPanelLink(metric)}>Copy link to this chart</MenuItem>
    </Menu>
  )
}
