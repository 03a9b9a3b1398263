// Answers a list of jobs from standard input with the npm package "paseto", an implementation that shares no code with ours.
// A job: {op: "sign" | "verify", version, key (PASERK), claims | token, footer?, implicit?} with footer and implicit as text.
import { PublicProtocol } from 'paseto'
import * as v2 from 'paseto/v2/public'
import * as v4 from 'paseto/v4/public'

const protocols = Object.fromEntries(
  [[2, v2], [4, v4]].map(([version, m]) => [
    version,
    new PublicProtocol(m.SignFactory, m.VerifyFactory, m.ImportSecretKeyFactory, m.ImportPublicKeyFactory),
  ]),
)

const text = new TextEncoder()

async function answer(job) {
  const protocol = protocols[job.version]
  const options = {}
  if (job.footer) options.footer = text.encode(job.footer)
  if (job.implicit) options.implicitAssertion = text.encode(job.implicit)
  try {
    if (job.op === 'sign') {
      const key = await protocol.ImportSecretKey(job.key)
      return { token: await protocol.Sign(key, job.claims, { ...options, addIssuedAt: false }) }
    }
    const key = await protocol.ImportPublicKey(job.key)
    const { claims } = await protocol.Verify(key, job.token, { ...options, now: new Date(job.now) })
    return { claims }
  } catch (error) {
    return { error: `${error.name}: ${error.message}` }
  }
}

let input = ''
for await (const chunk of process.stdin) input += chunk
const answers = []
for (const job of JSON.parse(input)) answers.push(await answer(job))
process.stdout.write(JSON.stringify(answers))
