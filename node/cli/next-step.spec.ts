import { expect } from 'chai'
import { errorCodes } from '../../protocols/core/index.ts'
import { allCommands } from './catalogue.ts'
import { nextStep } from './next-step.ts'

describe('nextStep()', () => {
  it('has a step for every code under every command, and names only commands that exist', async () => {
    const commands = await allCommands()
    const names = new Set(['twin help', ...commands.map(({ words }) => ['twin', ...words].join(' '))])
    for (const { words } of commands) {
      for (const code of Object.keys(errorCodes)) {
        const step = nextStep(code, words)
        expect(step, `${code} of ${words.join(' ')}`).match(/^[A-Z].*[^.]$/)
        const named = [...step.matchAll(/twin(?: [a-z]+)+/g)].map(([name]) => name.split(' '))
        for (const name of named) {
          const known = name.map((_, at) => name.slice(0, at + 1).join(' ')).some(start => names.has(start))
          expect(known, name.join(' ')).equal(true)
        }
      }
    }
  })

  it('depends on the command where that helps', () => {
    expect(nextStep('NotFound', ['ping'])).contain('twin contacts list')
    expect(nextStep('NotFound', ['kv', 'share'])).contain('twin contacts list')
    expect(nextStep('NotFound', ['kv', 'get'])).contain('twin kv list')
    expect(nextStep('InvalidArgument', ['kv', 'put'])).equal('See how it is used: twin help kv put')
    expect(nextStep('InvalidArgument', [])).equal('See how it is used: twin help')
  })
})
