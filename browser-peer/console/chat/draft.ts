import type { ChatMessage } from '../../../protocols/chat/protocol.ts'

/** What is being written. */
export interface Draft {
  readonly text: string
  /** The message that it answers or changes */
  readonly about?: { readonly kind: 'reply' | 'edit'; readonly message: ChatMessage }
  /** What was laid aside for it */
  readonly before?: Draft
}

export const nothing: Draft = { text: '' }

/** An answer takes what is written already; a change begins with the old words and lays aside what is written. */
export function beginDraft(now: Draft, kind: 'reply' | 'edit', message: ChatMessage): Draft {
  if (now.about?.kind === kind && now.about.message.id === message.id) return now
  const about = { kind, message }
  if (kind === 'edit') return { text: message.text, about, before: now }
  return now.about?.kind === 'edit' ? { text: '', about, before: now } : { ...now, about }
}

/** Neither an answer nor a change any more: of a change nothing stays, the words of an answer are kept. */
export function stopDraft({ text, about, before }: Draft): Draft {
  if (about?.kind === 'edit') return before ?? nothing
  return before === undefined ? { text } : putBack(before, { text })
}

/** What is there once this was sent. */
export function afterDraft({ before }: Draft): Draft {
  return before ?? nothing
}

/** A draft that could not be sent comes in front of what was written meanwhile, but for a change that has begun. */
export function putBack(now: Draft, { text, about }: Draft): Draft {
  if (now.before !== undefined) return { ...now, before: putBack(now.before, { text, about }) }
  if (about?.kind === 'edit') return { text, about, before: now }
  return { text: [text, now.text].filter(words => words !== '').join('\n'), about: about ?? now.about }
}
