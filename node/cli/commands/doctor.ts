import { type NodeCheck, nodeProtocol } from '../../../protocols/node/protocol.ts'
import { type Command, exitCodes } from '../command.ts'
import { sanitize } from '../style.ts'

export const commands: readonly Command[] = [
  {
    words: ['doctor'],
    summary: 'Answer "why is this not syncing?", step by step, with what to do',
    positionals: [{ name: 'WHO', doc: 'Only this contact', isOptional: true }],
    examples: ['twin doctor', 'twin doctor Marie'],
    run: async ({ values, out, connect, signal }) => {
      const request = { who: values.positionals.get('WHO') }
      let about = ''
      let problems = 0
      const checks = (await connect()).client(nodeProtocol).doctor(request, { signal })
      for await (const check of out.waitingEach('Checking', checks)) {
        if (check.result === 'problem') problems++
        out.result(check, style => {
          const heading =
            check.about === about ? [] : [...(about === '' ? [] : ['']), style.bold(sanitize(check.about))]
          about = check.about
          const next = check.next === undefined ? [] : [`      ${style.dim('→')} ${sanitize(check.next)}`]
          return [...heading, `  ${mark(check, style)} ${sanitize(check.detail)}`, ...next]
        })
      }
      out.line()
      out.line(problems === 0 ? out.style.good('Nothing is wrong.') : out.style.bad(`${problems} to look at.`))
      return problems === 0 ? exitCodes.done : exitCodes.failed
    }
  }
]

function mark(check: NodeCheck, style: { good: Mark; warn: Mark; bad: Mark }): string {
  if (check.result === 'good') return style.good('ok  ')
  return check.result === 'wait' ? style.warn('wait') : style.bad('no  ')
}

type Mark = (text: string) => string
