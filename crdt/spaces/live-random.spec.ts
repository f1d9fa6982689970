import { expect } from 'chai'
import fc from 'fast-check'
import * as Y from 'yjs'
import { Editor, liveKinds, sheet } from './live.fixture.ts'
import { exchange, openTwins, reopen, sharedSpace, type TestReplica } from './replicas.fixture.ts'

type Step =
  | { readonly do: 'type'; readonly who: number; readonly at: number; readonly text: string; readonly remove: number }
  | { readonly do: 'undo' | 'restart'; readonly who: number }
  | { readonly do: 'meet'; readonly who: number; readonly whom: number }

const writers = 3
const who = fc.nat({ max: writers - 1 })
const typed = fc.record({
  do: fc.constant('type' as const),
  who,
  at: fc.nat({ max: 60 }),
  text: fc.string({ maxLength: 4 }),
  remove: fc.nat({ max: 3 })
})
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: typed },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('meet' as const), who, whom: who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('undo' as const, 'restart' as const), who }) }
  ),
  { minLength: 10, maxLength: 40 }
)

/** One writer, and the plain Yjs document that is to say the same. */
interface Writer {
  replica: TestReplica
  editor: Editor
  undo: Y.UndoManager
  model: Y.Doc
  modelUndo: Y.UndoManager
}

const undoOf = (text: Y.Text, origin: unknown) =>
  new Y.UndoManager(text, { trackedOrigins: new Set([origin]), captureTimeout: 0 })

describe('texts of three writers in editors', function () {
  this.timeout(120_000)

  it('say what bare Yjs says, over partitions, undoing and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async history => {
        const twins = await openTwins(writers, liveKinds)
        const { id } = (await sharedSpace(twins))[0]!
        const open = async (replica: TestReplica) => new Editor(await replica.spaces.get(id)!.edit(sheet))
        const all: Writer[] = []
        for (const replica of twins) {
          const editor = await open(replica)
          const model = new Y.Doc()
          model.clientID = editor.live.text.doc!.clientID
          const [undo, modelUndo] = [undoOf(editor.live.text, editor), undoOf(model.getText('t'), 'me')]
          all.push({ replica, editor, undo, model, modelUndo })
        }
        const meet = async (...some: Writer[]) => {
          for (const { editor } of some) await editor.live.saved()
          await exchange(...some.map(({ replica }) => replica))
          const states = some.map(({ model }) => Y.encodeStateAsUpdate(model))
          for (const { model } of some) for (const state of states) Y.applyUpdate(model, state)
        }
        for (const step of history) {
          const writer = all[step.who]!
          if (step.do === 'type') {
            const length = writer.editor.live.text.length
            const at = Math.min(step.at, length)
            const remove = Math.min(step.remove, length - at)
            writer.editor.type(at, step.text, remove)
            writer.model.transact(() => {
              const text = writer.model.getText('t')
              if (remove > 0) text.delete(at, remove)
              if (step.text !== '') text.insert(at, step.text)
            }, 'me')
          } else if (step.do === 'undo') {
            writer.undo.undo()
            writer.modelUndo.undo()
          } else if (step.do === 'meet') await meet(...new Set([writer, all[step.whom]!]))
          else {
            await writer.editor.live.saved()
            writer.editor.live.close()
            writer.replica = await reopen(writer.replica)
            writer.editor = await open(writer.replica)
            writer.undo = undoOf(writer.editor.live.text, writer.editor)
            writer.modelUndo = undoOf(writer.model.getText('t'), 'me')
          }
          for (const { editor, model } of all) {
            expect(editor.live.text.toString()).to.equal(model.getText('t').toString())
            expect(editor.shown).to.equal(editor.live.text.toString())
          }
        }
        await meet(...all)
        for (const { editor, replica, model } of all) {
          expect(editor.live.text.toString()).to.equal(model.getText('t').toString())
          expect(replica.spaces.get(id)!.review().logs).to.deep.equal([])
          expect(editor.refusals).to.deep.equal([])
          editor.live.close()
          await replica.spaces.stop()
        }
        expect(new Set(all.map(({ editor }) => editor.shown)).size).to.equal(1)
      }),
      { numRuns: 12 }
    )
  })
})
