import { type Authorize, authorizeByClass, scopeId } from '../protocols/core/index.ts'
import { nodeProtocol } from './control/protocol.ts'

/** Everything at once is for machines of the owner: whoever gets hold of a browser reads what it shows, and no more. */
const withheld: ReadonlySet<string> = new Set([scopeId(nodeProtocol, 'export'), scopeId(nodeProtocol, 'backup')])

/** The contract's word, and what devices of the owner may not do that are browsers. */
export const authorizeDevice: Authorize = request => {
  const { caller, scope } = request
  if (caller.role === 'browser' && withheld.has(scope)) {
    return { allow: false, reason: `Scope ${scope} is not open to browsers` }
  }
  return authorizeByClass(request)
}
