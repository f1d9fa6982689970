import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { chatProtocol } from '../../../protocols/chat/protocol.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { afterDraft, type Draft, putBack } from './draft.ts'
import type { Drafts, Pending, Unsent } from './drafts.ts'
import { upload } from './upload.ts'

export interface Writing extends Unsent {
  change(change: (now: Draft) => Draft): void
  addFiles(files: readonly File[]): void
  dropFile(file: File): void
  /** Tells the others, not too often */
  tellTyping(): void
  send(): Promise<void>
}

const typingEveryMs = 4000
const maxFiles = 16

/** What is being written in one conversation, and how it is sent. */
export function useWriting(who: string, drafts: Drafts): Writing {
  const twin = useTwin()
  const chat = useClient(chatProtocol)
  const toasts = useToasts()
  const lastTyping = useRef(0)
  const [, redraw] = useState<Unsent>()
  useLayoutEffect(() => drafts.listen(() => redraw(drafts.of(who))), [who, drafts])

  const setFiles = (change: (now: readonly Pending[]) => readonly Pending[]) =>
    drafts.change(who, ({ files }) => ({ files: change(files) }))
  const deliver = async ({ about, text }: Draft, files: readonly File[]) => {
    if (about?.kind === 'edit') return chat.edit({ who, id: about.message.id, text: text.trim() })
    const attachments = []
    for (const file of files) {
      const onDone = (done: number) =>
        setFiles(now => now.map(pending => (pending.file === file ? { file, done } : pending)))
      attachments.push(await upload(twin, file, onDone, new AbortController().signal))
    }
    const said = text.trim() === '' ? files.map(({ name }) => name).join('\n') : text.trim()
    return chat.send({
      who,
      text: said,
      key: crypto.randomUUID(),
      ...(about !== undefined && { replyTo: about.message.id }),
      ...(attachments.length > 0 && { attachments })
    })
  }
  const send = async () => {
    const { draft, files, isBusy } = drafts.of(who)
    const going = draft.about?.kind === 'edit' ? [] : files.map(({ file }) => file)
    if (isBusy || (draft.text.trim() === '' && going.length === 0)) return
    // Empty before it has gone: what is typed meanwhile is the next one
    drafts.change(who, () => ({
      draft: afterDraft(draft),
      files: files.map(({ file }) => (going.includes(file) ? { file, done: 0 } : { file })),
      isBusy: true
    }))
    const sent = await toasts.attempt(() => deliver(draft, going))
    drafts.change(who, now =>
      sent === undefined
        ? { draft: putBack(now.draft, draft), files: now.files.map(({ file }) => ({ file })), isBusy: false }
        : { files: now.files.filter(({ file }) => !going.includes(file)), isBusy: false }
    )
  }
  return {
    ...drafts.of(who),
    change: change => drafts.change(who, ({ draft }) => ({ draft: change(draft) })),
    addFiles: files => setFiles(now => [...now, ...files.map(file => ({ file }))].slice(0, maxFiles)),
    dropFile: file => setFiles(now => now.filter(pending => pending.file !== file)),
    tellTyping: () => {
      if (Date.now() - lastTyping.current < typingEveryMs) return
      lastTyping.current = Date.now()
      void chat.typing({ who }).catch(() => {})
    },
    send
  }
}
