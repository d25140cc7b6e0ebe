// SPDX-License-Identifier: MPL-2.0

/**
 * A worker thread that answers with the npm package `hpke`, which is built on WebCrypto. It is an ES module, which
 * jest's own module system can't load.
 */
import { parentPort } from 'node:worker_threads';
import * as HPKE from 'hpke';

const kems = {
  'P-256': HPKE.KEM_DHKEM_P256_HKDF_SHA256,
  'P-384': HPKE.KEM_DHKEM_P384_HKDF_SHA384,
  X25519: HPKE.KEM_DHKEM_X25519_HKDF_SHA256,
};
const kdfs = [HPKE.KDF_HKDF_SHA256, HPKE.KDF_HKDF_SHA384, HPKE.KDF_HKDF_SHA512];
const aeads = [HPKE.AEAD_AES_128_GCM, HPKE.AEAD_AES_256_GCM];

function optionsOf({ info, psk, pskId }) {
  return psk === undefined ? { info } : { info, psk, pskId };
}

/** Seals every message in turn, then exports. */
async function seal(suite, request) {
  const pkR = await suite.DeserializePublicKey(request.publicKey);
  const { encapsulatedSecret, ctx } = await suite.SetupSender(pkR, optionsOf(request));
  const ciphertexts = [];
  for (const { plaintext, aad } of request.messages) {
    ciphertexts.push(await ctx.Seal(plaintext, aad));
  }
  return {
    enc: encapsulatedSecret,
    ciphertexts,
    exported: await ctx.Export(request.exporterContext, request.length),
  };
}

/** Opens every ciphertext in turn, then exports. */
async function open(suite, request) {
  const skR = await suite.DeserializePrivateKey(request.privateKey, true);
  const ctx = await suite.SetupRecipient(skR, request.enc, optionsOf(request));
  const plaintexts = [];
  for (const { ciphertext, aad } of request.messages) {
    plaintexts.push(await ctx.Open(ciphertext, aad));
  }
  return { plaintexts, exported: await ctx.Export(request.exporterContext, request.length) };
}

async function derive(suite, request) {
  const { privateKey, publicKey } = await suite.DeriveKeyPair(request.ikm, true);
  return {
    privateKey: await suite.SerializePrivateKey(privateKey),
    publicKey: await suite.SerializePublicKey(publicKey),
  };
}

const actions = { seal, open, derive };

parentPort.on('message', async ({ id, action, request }) => {
  try {
    const suite = new HPKE.CipherSuite(kems[request.kem], kdfs[request.kdfId - 1], aeads[request.aeadId - 1]);
    parentPort.postMessage({ id, result: await actions[action](suite, request) });
  } catch (error) {
    parentPort.postMessage({ id, error: String(error) });
  }
});
