import { defaultKeymap } from '@codemirror/commands'
import {
  defineLanguageFacet,
  HighlightStyle,
  Language,
  LanguageSupport,
  syntaxHighlighting
} from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import type { LiveText } from '../twin.ts'
import { markdownParser } from './markdown.ts'
import { remoteCursors, remoteTheme } from './remote-cursors.ts'

export type EditedText = Pick<LiveText, 'text' | 'awareness' | 'typedBy'>

/**
 * A Markdown editor on a shared text. It stands in a shadow root of its own, where CodeMirror's styles are adopted sheets:
 * the policy of the page allows no style element.
 */
export function mountEditor(host: HTMLElement, edited: EditedText, isWritable: boolean, isNew = false): () => void {
  const { text, awareness } = edited
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const state = EditorState.create({
    doc: text.toString(),
    extensions: [
      keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
      new LanguageSupport(markdown),
      syntaxHighlighting(highlight),
      EditorView.lineWrapping,
      drawSelection(),
      placeholder('Write here. # makes a heading, - a list, **two stars** bold.'),
      EditorView.contentAttributes.of({ 'aria-label': 'Text of the note', spellcheck: 'true', autocorrect: 'on' }),
      EditorState.readOnly.of(!isWritable),
      EditorView.editable.of(isWritable),
      // Without awareness: the cursors are drawn by our own plugin
      yCollab(text, undefined),
      remoteCursors(text, awareness, client => edited.typedBy(client)),
      remoteTheme,
      theme
    ]
  })
  const view = new EditorView({ state, parent: root, root })
  if (isNew) {
    view.dispatch({ selection: { anchor: state.doc.length } })
    view.focus()
  }
  return () => view.destroy()
}

const markdown = new Language(defineLanguageFacet(), markdownParser, [], 'markdown')

const highlight = HighlightStyle.define([
  { tag: tags.heading1, fontSize: '1.6em', fontWeight: '680', letterSpacing: '-0.02em', lineHeight: '1.5' },
  { tag: tags.heading2, fontSize: '1.3em', fontWeight: '660', letterSpacing: '-0.01em', lineHeight: '1.6' },
  { tag: tags.heading3, fontSize: '1.1em', fontWeight: '640' },
  { tag: [tags.strong], fontWeight: '680' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.link, tags.url], color: 'var(--accent-ink)', textDecoration: 'underline' },
  { tag: tags.monospace, fontFamily: 'var(--mono)', fontSize: '0.92em', background: 'var(--sunken)' },
  { tag: tags.quote, color: 'var(--ink-2)', fontStyle: 'italic' },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.labelName], color: 'var(--ink-3)' }
])

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', background: 'transparent', fontSize: '16px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font)', lineHeight: '1.65', overflow: 'auto', scrollbarWidth: 'thin' },
  '.cm-content': { maxWidth: '720px', margin: '0 auto', padding: '24px 24px 96px', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 2px' },
  '.cm-cursor': { borderLeft: '2px solid var(--accent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 24%, transparent)'
  },
  '.cm-placeholder': { color: 'var(--ink-3)' }
})
