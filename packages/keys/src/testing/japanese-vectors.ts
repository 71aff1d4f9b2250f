// Japanese vectors with a passphrase that NFKD changes: github.com/bip32JP/bip32JP.github.io, test_JP_BIP39.json (0d1ac71), which BIP 39 names; 4 of 24.

/** The passphrase of all of them. */
export const JAPANESE_PASSPHRASE = '㍍ガバヴァぱばぐゞちぢ十人十色';

export const JAPANESE_VECTORS: readonly { readonly entropy: string; readonly phrase: string; readonly seed: string }[] =
  [
    {
      entropy: '00000000000000000000000000000000',
      phrase:
        'あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あおぞら',
      seed: 'a262d6fb6122ecf45be09c50492b31f92e9beb7d9a845987a02cefda57a15f9c467a17872029a9e92299b5cbdf306e3a0ee620245cbd508959b6cb7ca637bd55',
    },
    {
      entropy: 'ffffffffffffffffffffffffffffffff',
      phrase: 'われる　われる　われる　われる　われる　われる　われる　われる　われる　われる　われる　ろんぶん',
      seed: '4cd2ef49b479af5e1efbbd1e0bdc117f6a29b1010211df4f78e2ed40082865793e57949236c43b9fe591ec70e5bb4298b8b71dc4b267bb96ed4ed282c8f7761c',
    },
    {
      entropy: 'b63a9c59a6e641f288ebc103017f1da9f8290b3da6bdef7b',
      phrase:
        'ぬすむ　ふっかつ　うどん　こうりつ　しつじ　りょうり　おたがい　せもたれ　あつめる　いちりゅう　はんしゃ　ごますり　そんけい　たいちょう　らしんばん　ぶんせき　やすみ　ほいく',
      seed: 'b14e7d35904cb8569af0d6a016cee7066335a21c1c67891b01b83033cadb3e8a034a726e3909139ecd8b2eb9e9b05245684558f329b38480e262c1d6bc20ecc4',
    },
    {
      entropy: '15da872c95a13dd738fbf50e427583ad61f18fd99f628c417a61cf8343c90419',
      phrase:
        'うちゅう　ふそく　ひしょ　がちょう　うけもつ　めいそう　みかん　そざい　いばる　うけとる　さんま　さこつ　おうさま　ぱんつ　しひょう　めした　たはつ　いちぶ　つうじょう　てさぎょう　きつね　みすえる　いりぐち　かめれおん',
      seed: '346b7321d8c04f6f37b49fdf062a2fddc8e1bf8f1d33171b65074531ec546d1d3469974beccb1a09263440fc92e1042580a557fdce314e27ee4eabb25fa5e5fe',
    },
  ];
