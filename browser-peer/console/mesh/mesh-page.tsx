import { useEffect, useState } from 'preact/hooks'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { devicesProtocol } from '../../../protocols/devices/protocol.ts'
import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { collect, useLoad } from '../hooks/use-load.ts'
import { Button } from '../parts/button.tsx'
import { Notice, Waiting } from '../parts/notice.tsx'
import { relative } from '../parts/words.ts'
import { layOut, type MapShape, type MeshKind, tallMap, wideMap } from './mesh-layout.ts'
import { latencyWords, MeshMap, pathWords } from './mesh-map.tsx'

const everyMs = 4000
const kinds: Readonly<Record<MeshKind, string>> = {
  device: 'Your device',
  contact: 'Contact',
  'meeting-point': 'Meeting point',
  stranger: 'Another twin'
}

export function MeshPage({ contacts, name }: { contacts: readonly Contact[]; name: string }) {
  const node = useClient(nodeProtocol)
  const devices = useClient(devicesProtocol)
  const { value, error, reload } = useLoad(
    async signal => ({
      peers: await collect(node.peers({}, { signal })),
      devices: await collect(devices.list({}, { signal }))
    }),
    [node, devices]
  )
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), everyMs)
    return () => clearInterval(timer)
  }, [])
  const shape = useMapShape()
  const people = contacts.filter(({ state }) => state === 'contact')
  const nodes = value === undefined ? [] : layOut(value.peers, value.devices, people, shape)
  const relayed = nodes.filter(({ path }) => path === 'relayed').length
  return (
    <div class="page">
      <div class="page-body">
        <header class="page-title">
          <h1>Mesh</h1>
          <p class="dim">Who your twin is connected with now, and how</p>
          <div class="row">
            <Button onClick={reload}>Look again</Button>
          </div>
        </header>
        {error !== undefined && value !== undefined && (
          <Notice kind="warn">Your twin is not reached: this is how it was a moment ago.</Notice>
        )}
        {value === undefined ? (
          <Waiting error={error} what="the connections" onAgain={reload} />
        ) : (
          <>
            <div class="card mesh-card">
              <MeshMap nodes={nodes} name={name} shape={shape} />
              <ul class="legend" aria-label="What the lines mean">
                <li data-path="lan">Local network</li>
                <li data-path="public">Direct</li>
                <li data-path="hole-punched">Hole-punched</li>
                <li data-path="relayed">Through a relay</li>
              </ul>
            </div>
            {relayed > 0 && (
              <Notice>
                <p>
                  {relayed === 1 ? 'One connection goes' : `${relayed} connections go`} through a relay: slower, and
                  just as sealed. Your twin keeps looking for a direct way.
                </p>
              </Notice>
            )}
            <section class="card wide">
              <h2>Connections</h2>
              <table class="table mesh-table">
                <thead>
                  <tr>
                    <th scope="col">Who</th>
                    <th scope="col">What</th>
                    <th scope="col">Path</th>
                    <th scope="col">Round trip</th>
                    <th scope="col">Since</th>
                  </tr>
                </thead>
                <tbody>
                  {nodes.map(({ id, name, kind, path, relay, latencyMs, connectedAt }) => (
                    <tr key={id}>
                      <td>
                        <strong>{name}</strong>
                      </td>
                      <td>{kinds[kind]}</td>
                      <td>
                        {path === undefined ? <span class="dim">away</span> : pathWords[path]}
                        {relay !== undefined && `: ${relay}`}
                      </td>
                      <td>{latencyMs === undefined ? '' : latencyWords(latencyMs)}</td>
                      <td>{connectedAt === undefined ? '' : relative(connectedAt)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          </>
        )}
      </div>
    </div>
  )
}

const narrow = '(max-width: 860px)'

function useMapShape(): MapShape {
  const [isNarrow, setNarrow] = useState(() => matchMedia(narrow).matches)
  useEffect(() => {
    const query = matchMedia(narrow)
    const look = () => setNarrow(query.matches)
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [])
  return isNarrow ? tallMap : wideMap
}
