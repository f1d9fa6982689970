import type { ChatMessage, DeliveryState } from '../../../protocols/chat/protocol.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { clockTime, dateWords } from '../parts/words.ts'

interface Rung {
  readonly state: DeliveryState
  readonly icon: IconName
  readonly title: (name: string) => string
  readonly doc: (name: string) => string
}

/** Who the other is in a group */
export const everybody = 'Everybody'

const rungs: readonly Rung[] = [
  {
    state: 'saved',
    icon: 'check',
    title: () => 'Saved here',
    doc: () => 'Signed and on the disk of this device. It cannot be lost any more.'
  },
  {
    state: 'my-twin',
    icon: 'twin',
    title: () => 'On your twin',
    doc: () => 'Another device of yours has it and passes it on, also when this one is off.'
  },
  {
    state: 'mailbox',
    icon: 'mailbox',
    title: () => 'In a mailbox',
    doc: name => `It waits, sealed, where ${name} collects it.`
  },
  {
    state: 'their-twin',
    icon: 'devices',
    title: name => (name === everybody ? 'On the twins of everybody' : `On the twin of ${name}`),
    doc: () => 'Their device signed for it.'
  },
  { state: 'opened', icon: 'eye', title: name => `${name} opened it`, doc: () => 'It was shown to them.' }
]

const rungOf = (state: DeliveryState) => rungs.findIndex(rung => rung.state === state)

/** Under the newest message of one's own: where it is now, in words. */
export function Delivery({ message, name, isSelf }: { message: ChatMessage; name: string; isSelf: boolean }) {
  const rung = rungs[rungOf(message.state)]!
  const words = isSelf && message.state !== 'saved' ? 'On your twin' : rung.title(name)
  return (
    <span class="delivery" data-state={message.state}>
      <Icon name={isSelf && message.state !== 'saved' ? 'twin' : rung.icon} size={14} />
      {words}
    </span>
  )
}

interface LadderProps {
  readonly message: ChatMessage
  readonly name: string
  readonly isSelf: boolean
  readonly nameOf: (twin: string) => string
  readonly onClose: () => void
}

/** The whole way of a message, for one who asks. */
export function Ladder({ message, name, isSelf, nameOf, onClose }: LadderProps) {
  const reached = rungOf(message.state)
  const shown = isSelf ? rungs.slice(0, 2) : rungs.filter(({ state }) => state !== 'mailbox' || message.state === state)
  return (
    <Dialog title="How far it got" onClose={onClose}>
      <p class="dim">{`Written ${dateWords(message.at)}, ${clockTime(message.at)}`}</p>
      <ol class="ladder">
        {shown.map(rung => (
          <li key={rung.state} data-reached={rungOf(rung.state) <= reached}>
            <span class="ladder-mark">
              <Icon name={rung.icon} size={18} />
            </span>
            <div>
              <strong>{rung.title(name)}</strong>
              <p class="dim">{rungOf(rung.state) <= reached ? rung.doc(name) : 'Not yet'}</p>
            </div>
          </li>
        ))}
      </ol>
      {message.members !== undefined && message.members.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Member</th>
              <th scope="col">Got as far as</th>
            </tr>
          </thead>
          <tbody>
            {message.members.map(({ id, state }) => (
              <tr key={id}>
                <td>{nameOf(id)}</td>
                <td>{rungs[rungOf(state)]!.title(nameOf(id))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  )
}
