import { expect } from 'chai'
import { until } from '../sync/link.fixture.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { Editor, liveKinds, sheet } from './live.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { newTwin } from './replicas.fixture.ts'

describe('a listener of a text in an editor', function () {
  this.timeout(20_000)
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  before(() => process.on('unhandledRejection', onUnhandled))
  after(() => process.off('unhandledRejection', onUnhandled))

  for (const event of ['text', 'state', 'awareness', 'document'] as const) {
    it(`that throws when it is told of ${event} keeps nobody from the text that takes the place of a void one`, async () => {
      const { db, failAt } = failingDatabase()
      const spaces = await createSpaces((await newTwin({ ...liveKinds, db })).init)
      const { self } = spaces
      const live = await self.edit(sheet)
      let thrown = 0
      const fail = () => {
        thrown++
        throw new Error('A listener that throws')
      }
      const editor = new Editor(live)
      editor.add('one ')
      await live.saved()
      live.awareness.setLocalStateField('cursor', { anchor: null, head: null })
      if (event === 'awareness') live.awareness.on('change', fail)
      else if (event === 'document') self.on('fence', () => void self.read(sheet, doc => doc.on('update', fail)))
      else live.on(event, fail)
      const later = new Editor(live)
      failAt(1, false)
      editor.add('two ')
      await until(() => later.replaced > 0)
      await live.saved()
      expect(later.shown).equal('one two ')
      expect(thrown).greaterThan(0)
      expect(unhandled).deep.equal([])
      live.awareness.off('change', fail)
      await spaces.stop()
    })
  }
})
