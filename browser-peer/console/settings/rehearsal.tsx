import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { useLoad } from '../hooks/use-load.ts'
import { Copyable } from '../parts/copyable.tsx'
import { Notice } from '../parts/notice.tsx'

/**
 * The 24 words never come near a browser: whoever serves this page, or an extension in it, could read them. So the rehearsal is
 * done where the twin runs, and this page says how it stands and what to type.
 */
export function Rehearsal() {
  const node = useClient(nodeProtocol)
  const { value } = useLoad(signal => node.status({}, { signal }), [node])
  const warning = value?.warnings.find(({ code }) => code === 'kit')
  return (
    <section class="card stack" aria-labelledby="rehearsal">
      <h2 id="rehearsal">Recovery kit</h2>
      {value !== undefined &&
        (warning === undefined ? (
          <Notice kind="good">
            <strong>Your kit is in a safe place</strong>
            <p>You said so on the machine. Rehearse now and then: it takes two minutes.</p>
          </Notice>
        ) : (
          <Notice kind="warn">
            <strong>{warning.message}</strong>
            <p>Without the 24 words nobody can bring your twin back when its machine is lost, not even you.</p>
          </Notice>
        ))}
      <ol class="steps">
        <li>
          <div>
            <strong>Print or copy the kit</strong>
            <p class="dim">24 words on paper, where fire and water do not reach both it and the machine.</p>
          </div>
        </li>
        <li>
          <div>
            <strong>Rehearse, on the machine of your twin</strong>
            <Copyable text="twin recovery test" what="the command" />
            <p class="dim">
              It asks for the words and shows that they bring back this twin. Never type them into a web page.
            </p>
          </div>
        </li>
        <li>
          <div>
            <strong>Say that it is done</strong>
            <Copyable text="twin recovery done" what="the command" />
          </div>
        </li>
      </ol>
    </section>
  )
}
