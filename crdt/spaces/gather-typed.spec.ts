import { expect } from 'chai'
import * as Y from 'yjs'
import { until } from '../sync/link.fixture.ts'
import { Editor, liveKinds, sheet } from './live.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { newTwin, reopen, type TestReplica } from './replicas.fixture.ts'

describe('what is typed', () => {
  let twin: TestReplica
  let editor: Editor
  /** Functions that a moment is over for once they run */
  const moments: (() => void)[] = []
  /** Once for all letters until a moment is over */
  const gather = (store: () => void) => {
    let isGathering = false
    return () => {
      if (isGathering) return
      isGathering = true
      moments.push(() => {
        isGathering = false
        store()
      })
    }
  }
  const stored = () => twin.spaces.replica.space(twin.spaces.self.id)!.frontier()[0]?.[2] ?? 0
  const settled = () => new Promise(resolve => setTimeout(resolve))
  const point = () => {
    const at = Y.createRelativePositionFromTypeIndex(editor.live.text, editor.live.text.length)
    editor.live.awareness.setLocalStateField('cursor', { anchor: at, head: at })
  }

  beforeEach(async () => {
    moments.length = 0
    const fresh = await newTwin({ ...liveKinds, gatherTyped: gather })
    twin = { ...fresh, spaces: await createSpaces(fresh.init) }
    editor = new Editor(await twin.spaces.self.edit(sheet))
    point()
  })

  afterEach(async () => {
    editor.live.close()
    await twin.spaces.stop()
  })

  it('is gathered into one entry while others are shown it', async () => {
    for (const letter of 'abc') {
      editor.add(letter)
      await settled()
    }
    expect([moments.length, stored(), editor.live.state]).to.deep.equal([1, 0, 'saving'])
    moments.shift()!()
    await editor.live.saved()
    expect(stored()).to.equal(1)
    editor.add('d')
    await settled()
    expect([moments.length, stored()]).to.deep.equal([1, 1])
  })

  it('is stored at once with what is removed, pasted or written where no cursor is shown', async () => {
    const isStored = async (edit: () => void) => {
      editor.add('xy')
      await settled()
      const before = stored()
      edit()
      await until(() => editor.live.state === 'saved')
      expect(stored()).to.equal(before + 1)
      // Nothing is left to be stored then
      for (const moment of moments.splice(0)) moment()
      await settled()
      expect(stored()).to.equal(before + 1)
    }
    await isStored(() => editor.type(0, '', 1))
    await isStored(() => {
      editor.live.awareness.setLocalStateField('cursor', null)
      editor.add('y')
    })
    point()
    await isStored(() => editor.add('p'.repeat(257)))
  })

  it('waits for nothing more once it is to be saved, the editor is closed or the twin stops', async () => {
    editor.add('a')
    await editor.live.saved()
    expect(stored()).to.equal(1)
    editor.add('b')
    editor.live.close()
    await until(() => stored() === 2)
    editor = new Editor(await twin.spaces.self.edit(sheet))
    point()
    editor.add('c')
    twin = await reopen(twin)
    editor = new Editor(await twin.spaces.self.edit(sheet))
    expect(editor.shown).to.equal('abc')
  })
})
