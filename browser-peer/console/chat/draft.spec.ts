import { expect } from 'chai'
import type { ChatMessage } from '../../../protocols/chat/protocol.ts'
import { afterDraft, beginDraft, type Draft, nothing, putBack, stopDraft } from './draft.ts'

const message = (id: string, text: string) => ({ id, text }) as ChatMessage
const old = message('1', 'Old words')
const other = message('2', 'Other words')
const unsent: Draft = { text: 'Not sent yet' }

describe('a draft', () => {
  it('is laid aside while a message is changed, and is back when that was sent or stopped', () => {
    const changing = beginDraft(unsent, 'edit', old)
    expect(changing.text).equal('Old words')
    expect(stopDraft(changing)).equal(unsent)
    expect(afterDraft({ ...changing, text: 'New words' })).equal(unsent)
    expect(beginDraft(changing, 'edit', old)).equal(changing)
  })

  it('becomes an answer with what is written, and keeps it when it shall be none', () => {
    const answering = beginDraft(unsent, 'reply', old)
    expect(answering).deep.equal({ text: 'Not sent yet', about: { kind: 'reply', message: old } })
    expect(stopDraft(answering)).deep.equal(unsent)
    expect(afterDraft(answering)).equal(nothing)
  })

  it('is not lost when another message is answered or changed while one is being changed', () => {
    const first = { ...beginDraft(unsent, 'edit', old), text: 'Half changed' }
    expect(afterDraft(beginDraft(first, 'edit', other))).equal(first)
    const answering = { ...beginDraft(first, 'reply', other), text: 'An answer' }
    expect(afterDraft(answering)).equal(first)
    const stopped = stopDraft(answering)
    expect(stopped.text).equal('Half changed')
    expect(afterDraft(stopped).text).equal('An answer\nNot sent yet')
  })

  it('that could not be sent comes in front of what was written meanwhile', () => {
    expect(putBack(unsent, { text: 'Failed' })).deep.equal({ text: 'Failed\nNot sent yet', about: undefined })
    const failed = beginDraft({ text: 'Failed' }, 'reply', old)
    expect(putBack(nothing, failed)).deep.equal(failed)
    const changing = beginDraft(unsent, 'edit', old)
    expect(putBack(changing, { text: 'Failed' }).text).equal('Old words')
    expect(stopDraft(putBack(changing, { text: 'Failed' })).text).equal('Failed\nNot sent yet')
  })

  it('of a change that could not be sent is a change again, never a new message', () => {
    const failed = { ...beginDraft(nothing, 'edit', old), text: 'New words' }
    const again = putBack(unsent, failed)
    expect(again.about).deep.equal({ kind: 'edit', message: old })
    expect(again.text).equal('New words')
    expect(stopDraft(again)).equal(unsent)
  })
})
