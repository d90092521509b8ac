/**
 * The shapes that cross a border: what the server writes into the script, the notice, the decision on the wire.
 * Types only; nothing here reaches the built file.
 */

/**
 * First layer of a notice. What is shown at once is in the script too; the rest is said after a click, or of a signal.
 * @typedef {Object} FirstLayer
 * @property {string} lang  BCP 47 tag of these texts
 * @property {"ltr"|"rtl"} dir
 * @property {string} title
 * @property {string} text  Has "We use cookies" in so many words.
 * @property {[string, string][]} links  [address relative to the consent host, words], shown after the text
 * @property {[action: string, words: string][]} buttons  in the order shown: reject-all, accept-all, choose
 * @property {string} gpc  said above the text while GPC is on and the rule acts on it
 * @property {string} dnt  said above the text while DNT is on; its words follow the rule
 * @property {string} rejected  announced after "Reject all"
 * @property {string} saved  announced after any other choice
 * @property {string} unrecorded  said when the server could not be reached
 * @property {string} blocked  said when the browser keeps no cookies
 * @property {string} reopen  words of the link that opens the choices again
 */

/**
 * A whole notice, as GET /v1/sites/{site}/notices/{sha256} answers it.
 * @typedef {Object} Notice
 * @property {string} site
 * @property {string} locale
 * @property {string} policy  SHA-256 of the policy version
 * @property {string} widget  SHA-256 of the script's code before configuration is inserted
 * @property {FirstLayer} first
 * @property {Dialog} dialog
 * @property {Embed} embed
 */

/**
 * @typedef {Object} Dialog
 * @property {string} title
 * @property {string} intro
 * @property {string} save
 * @property {string} close
 * @property {string} always  said in place of the switch of a required category
 * @property {string} without  leads in to what stops working: "Without it:"
 * @property {string} providers  leads in to the names of the providers
 * @property {string} by_provider  opens the list of a category's providers, each with its own switch
 * @property {string} minors  in place of the switches on a page for people under 16
 * @property {string} leftover  "{count} could not be removed: {names}. …"
 * @property {DialogCategory[]} categories
 */

/**
 * @typedef {Object} DialogCategory
 * @property {string} key
 * @property {boolean} required  necessary: shown, cannot be switched off
 * @property {string} name
 * @property {string} purpose
 * @property {string} without  empty when nothing is lost
 * @property {string} lang  of its texts
 * @property {{key: string, name: string}[]} providers
 */

/**
 * What stands for a frame that waits; {provider} is a name or a host.
 * @typedef {Object} Embed
 * @property {string} label
 * @property {string} text
 * @property {string} once
 * @property {string} always
 * @property {string} off  where it cannot be allowed
 */

/**
 * What the server inserts for `__CONFIG__`.
 * @typedef {Object} Config
 * @property {string} site  the site's key
 * @property {number} policy  number of the current policy version
 * @property {number} epoch
 * @property {string} notice  SHA-256 of the notice of the default locale, which `first` is of
 * @property {Pick<FirstLayer, 'lang'|'dir'|'title'|'text'|'links'|'buttons'|'reopen'>} first
 * @property {string[]} categories  the optional ones, in order
 * @property {[key: string, category: string, hosts: string, mode?: string][]} providers  of optional categories; hosts as
 *   a regular expression
 * @property {string[]} sale  keys of what Global Privacy Control turns off under the rule 1
 * @property {0|1} dnt  whether Do Not Track refuses everything
 * @property {import('./choice.js').Rule} gpc  what Global Privacy Control refuses
 * @property {0|1} page  whether the path of a page is kept
 * @property {number} days  how long a choice is kept
 * @property {[version: number, ...keys: string[]][]} changes  material versions that choices still kept may be older than: each its number,
 *   and the keys of what nobody can have allowed before it
 * @property {string[]} domains  cookie domains, e.g. ["ala.org"]
 */

/**
 * A tracker as /v1/sites/{site}/config names it.
 * @typedef {Object} Tracker
 * @property {"cookie"|"storage"|"script"|"frame"|"pixel"|"link"|"email"} kind
 * @property {string} name  `*` stands for any run of characters
 * @property {string} host
 */

/**
 * @typedef {Object} Signals
 * @property {string|null} dnt  what navigator said
 * @property {boolean} gpc
 */

/**
 * @typedef {"accept_all"|"reject_all"|"custom"|"withdraw"|"signal"|"imported"} Action
 */

/**
 * A decision on the wire: POST /v1/sites/{site}/consents.
 * @typedef {Object} Decision
 * @property {string} event_id  UUIDv7, its low 16 time bits random
 * @property {Action} action
 * @property {Object<string, boolean>} choices
 * @property {Object<string, boolean>} providers  exceptions
 * @property {"banner"|"preferences"|"api"} surface
 * @property {string} notice
 * @property {string} decided_at  RFC 3339, UTC, whole seconds
 * @property {Signals} signals
 * @property {string} page  origin, or origin and path by the site's rule; never a query
 * @property {"suspected"} [automated]  a grant without a trusted event or user activation
 */

export {};
