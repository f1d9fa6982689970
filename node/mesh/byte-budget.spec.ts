import { expect } from 'chai'
import { ByteBudget, type ByteBudgetError } from './index.ts'

describe('byte budget', () => {
  const consumers = (budget: ByteBudget, names: readonly string[]) => {
    const reset: string[] = []
    const accounts = names.map(name => budget.open(() => reset.push(name)))
    return { reset, accounts }
  }

  it('resets the largest consumer first, whoever passes the limit', () => {
    const budget = new ByteBudget(100)
    const { reset, accounts } = consumers(budget, ['small', 'large', 'last'])
    accounts[0]?.set(20)
    accounts[1]?.set(70)
    accounts[2]?.set(15)
    expect(reset).to.deep.equal(['large'])
    expect(budget.used).to.equal(35)
  })

  it('resets as many as it takes', () => {
    const budget = new ByteBudget(100)
    const { reset, accounts } = consumers(budget, ['a', 'b', 'c'])
    accounts[0]?.set(40)
    accounts[1]?.set(60)
    accounts[2]?.set(150)
    expect(reset).to.deep.equal(['c'])
    accounts[0]?.set(101)
    expect(reset).to.deep.equal(['c', 'a'])
    expect(budget.used).to.equal(60)
  })

  it('forgets a consumer that closes or was reset', () => {
    const budget = new ByteBudget(10)
    const errors: ByteBudgetError[] = []
    const account = budget.open(error => errors.push(error))
    account.set(11)
    account.set(5)
    account.close()
    expect(budget.used).to.equal(0)
    expect(errors.map(({ name }) => name)).to.deep.equal(['ByteBudgetError'])
  })
})
