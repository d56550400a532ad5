import Core
import Hashing

/// Remembers for a while which tenant a key belongs to, so that a key is hashed once and not with
/// every request. 256 places, each for the last key that fell on it.
struct KeyCache {
    private struct Entry {
        var key: [UInt8]
        var account: TenantAccount?
    }
    private var entries = [Entry?](repeating: nil, count: 256)
    private let salt = UInt64.random(in: 0...UInt64.max)
    static let longest = 512

    init() {}

    mutating func forget() { entries = [Entry?](repeating: nil, count: 256) }

    mutating func account(_ key: Bytes, in tenants: TenantTable) -> TenantAccount? {
        guard !key.isEmpty, key.count <= Self.longest else { return nil }
        let mixed = (key.quickHash ^ salt) &* 0x9E37_79B9_7F4A_7C15
        let place = Int(truncatingIfNeeded: mixed >> 56)
        if let entry = entries[place], key.isSame(as: entry.key) { return entry.account }
        let bytes = Array(key)
        let account = tenants.find(Digest(of: bytes))
        entries[place] = Entry(key: bytes, account: account)
        return account
    }
}
