import { expect } from 'chai'
import { TypedLapse } from './typed-lapse.ts'

describe('what is typed and not signed', () => {
  it('is shown for a moment, and again only when something of that device has arrived', async () => {
    let told = (_: number) => {}
    const lapse = new TypedLapse(client => told(client), 1)
    const lapsed = new Promise<number>(resolve => {
      told = resolve
    })
    expect([lapse.mayShow(7, 3), lapse.mayShow(7, 3)]).to.deep.equal([true, true])
    expect(await lapsed).to.equal(7)
    expect([lapse.mayShow(7, 3), lapse.mayShow(8, 3), lapse.mayShow(7, 4)]).to.deep.equal([false, true, true])
    lapse.stop()
  })
})
