import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { deleteProject, describeProject } from '../api/changes.ts'
import { type Project, projectQuery } from '../api/queries.ts'
import { readTags, titleOf } from '../data/project-list.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'
import { toast } from './toasts.tsx'

/** What people call a project and say of it. `project`: its name; null: closed. */
export function EditProjectDialog({ project, onClose }: { project: string | null; onClose: () => void }) {
  return (
    <Dialog title="Edit project" isOpen={project !== null} onClose={onClose}>
      {project !== null && <LoadedForm name={project} onDone={onClose} />}
    </Dialog>
  )
}

function LoadedForm({ name, onDone }: { name: string; onDone: () => void }) {
  const { data, error } = useQuery(projectQuery(name))
  if (error) return <p className="text-failed">{error.message}</p>
  return data ? <EditForm project={data} onDone={onDone} /> : <p className="text-ink-2">Loading …</p>
}

function EditForm({ project, onDone }: { project: Project; onDone: () => void }) {
  const queries = useQueryClient()
  const [title, setTitle] = useState(project.display_name ?? '')
  const [tags, setTags] = useState(project.tags.join(', '))
  const [notes, setNotes] = useState(project.notes)
  const [fault, setFault] = useState('')
  const save = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await describeProject(queries, project.name, {
        display_name: title.trim() || null,
        tags: readTags(tags),
        notes,
      })
      onDone()
    } catch (error) {
      setFault((error as Error).message)
    }
  }
  return (
    <form onSubmit={save} className="grid gap-3">
      <div className="grid gap-1">
        <label htmlFor="project-title" className="text-ink-2 text-sm">
          Shown as
        </label>
        <TextField
          id="project-title"
          label="Shown as"
          placeholder={project.name}
          value={title}
          onChange={({ target }) => setTitle(target.value)}
        />
        <span className="text-ink-3 text-xs">
          In code and addresses it stays <code className="break-all font-mono">{project.name}</code>.
        </span>
      </div>
      <div className="grid gap-1">
        <label htmlFor="project-tags" className="text-ink-2 text-sm">
          Tags, with commas between them
        </label>
        <TextField id="project-tags" label="Tags" value={tags} onChange={({ target }) => setTags(target.value)} />
      </div>
      <div className="grid gap-1">
        <label htmlFor="project-notes" className="text-ink-2 text-sm">
          Notes, in Markdown
        </label>
        <textarea
          id="project-notes"
          rows={6}
          value={notes}
          onChange={({ target }) => setNotes(target.value)}
          className="rounded-(--radius) border border-line-strong bg-page px-2 py-1 text-sm"
        />
      </div>
      {fault !== '' && (
        <p role="alert" className="text-failed">
          {fault}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button look="accent" type="submit">
          Save
        </Button>
      </div>
    </form>
  )
}

/** A project goes for good, so its name is typed. */
export function DeleteProjectDialog({ project, onClose }: { project: Project | null; onClose: () => void }) {
  return (
    <Dialog title="Delete project" isOpen={project !== null} onClose={onClose}>
      {project && <DeleteForm project={project} onDone={onClose} />}
    </Dialog>
  )
}

function DeleteForm({ project, onDone }: { project: Project; onDone: () => void }) {
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState('')
  const remove = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await deleteProject(queries, project.name)
      toast({ text: `Deleted ${titleOf(project)}` })
      onDone()
    } catch (error) {
      setFault((error as Error).message)
    }
  }
  const runs = project.runs === 1 ? 'its one run' : `its ${project.runs.toLocaleString('en')} runs`
  return (
    <form onSubmit={remove} className="grid gap-3">
      <p>
        <strong className="break-all font-medium">{titleOf(project)}</strong> goes for good, with {runs}, their
        artifacts, its trash and its saved views. This can’t be undone.
      </p>
      <div className="grid gap-1">
        <label htmlFor="project-name" className="text-ink-2 text-sm">
          Type <code className="break-all font-mono text-ink">{project.name}</code> to go on
        </label>
        <TextField
          id="project-name"
          label={`Type ${project.name} to go on`}
          autoFocus
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </div>
      {fault !== '' && (
        <p role="alert" className="text-failed">
          {fault}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button look="danger" type="submit" disabled={typed !== project.name}>
          Delete for good
        </Button>
      </div>
    </form>
  )
}
