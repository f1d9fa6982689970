import { expect } from 'chai'
import { SpaceError, StoreError } from '../../crdt/index.ts'
import { explainStore } from './explain-store.ts'

describe('what a store that is away means to who reads', () => {
  it('explainStore() says so of a closed store and of a space that is being read again, and of nothing else', () => {
    const codeOf = (thrown: unknown) => explainStore(thrown)?.code
    expect(codeOf(new StoreError('failed', 'The store is closed'))).equal('Unavailable')
    expect(codeOf(new SpaceError('fenced', 'Read again'))).equal('Unavailable')
    expect(codeOf(new SpaceError('not-writer', 'You may not'))).equal(undefined)
    expect(codeOf(new Error('hunter2'))).equal(undefined)
  })
})
