import { contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import type { Command } from '../command.ts'
import { relativeTime } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['invite'],
    summary: 'Make a link that turns a friend into a contact',
    options: { days: { value: 'N', doc: 'Days for which it is good (default 7)' }, qr: { doc: 'Show a QR code too' } },
    examples: ['twin invite', 'twin invite --qr', 'twin invite --days 1 --json'],
    notes: 'A link works once: whoever uses it first is a contact at once. Send it over a way that you trust.',
    run: async ({ values, out, connect, signal, io }) => {
      const days = values.number('days', { min: 1, max: 92 })
      const contacts = (await connect()).client(contactsProtocol)
      const result = await contacts.invite(
        { expiresInMs: days === undefined ? undefined : days * 86_400_000 },
        { signal }
      )
      if (out.isJson) return void out.json({ link: result.link })
      if (values.isOn('qr')) {
        const { qrLines } = await import('../qr.ts')
        for (const line of qrLines(result.link)) out.line(`  ${line}`)
        out.line()
      }
      out.line(result.link)
      if (io.stdout.isTTY) {
        const ends = relativeTime(result.expiresAt, out.now)
        out.note(out.style.dim(`Works once and ends ${ends}. Your friend runs: twin contacts add 'LINK' --name YOU`))
      }
      return undefined
    }
  }
]
