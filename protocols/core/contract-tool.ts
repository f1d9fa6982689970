/** The logic of `twin contract check` and `twin contract show`; reading files and printing is the command line's. */
import { type Breach, breachRules, checkCompatible } from './compatibility.ts'
import type { ContractJson } from './contract-json.ts'
import { ProtocolError } from './errors.ts'

export interface ContractCheck {
  readonly breaches: readonly Breach[]
  readonly isCompatible: boolean
  /** For people; a line per breach */
  readonly text: string
}

export function contractCheck(older: unknown, newer: unknown): ContractCheck {
  const before = readContract(older)
  const after = readContract(newer)
  const breaches = checkCompatible(before, after)
  const title = `${before.id} → ${after.id}`
  const lines = breaches.map(({ rule, place, message }) => `  ${rule} at ${place}: ${message}. ${breachRules[rule]}.`)
  const isCompatible = breaches.length === 0
  return {
    breaches,
    isCompatible,
    text: [`${title}: ${isCompatible ? 'compatible' : 'breaking'}`, ...lines].join('\n')
  }
}

export function contractShow(contract: unknown): string {
  const { id, doc, scopes, methods } = readContract(contract)
  const scopeLines = Object.entries(scopes).map(
    ([name, scope]) => `  ${name}: ${scope.consent} (${scope.callers.join(', ')})`
  )
  const methodLines = Object.entries(methods).map(
    ([name, { kind, scope, doc: sentence }]) => `  ${name} [${kind}, ${scope}] ${sentence}`
  )
  return [id, doc, '', 'Scopes', ...scopeLines, '', 'Methods', ...methodLines].join('\n')
}

function readContract(value: unknown): ContractJson {
  const contract = value as Partial<ContractJson> | undefined
  const isContract = contract?.format === 'twin-contract/1' && typeof contract.id === 'string'
  if (!isContract || !contract.methods || !contract.scopes || !contract.limits) {
    throw new ProtocolError('InvalidArgument', 'Not a contract file of format twin-contract/1')
  }
  // Contract files come from this project's releases; their shape is pinned by the format line
  return contract as ContractJson
}
