// The bodies of our HTTP API. Digests are `sha256:<hex>`, commit ids 40 hexadecimal digits,
// times RFC 3339 in UTC with milliseconds, sizes bytes.

package struct Page<Item: Codable & Sendable>: Codable, Sendable {
    package var items: [Item]
    /// Send it as `cursor` for the page behind this one; absent on the last.
    package var next: String?
    package init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }
}

package struct ServerInfo: Codable, Sendable {
    package var name: String
    package var version: String
    /// Bytes from which a client should use a resumable upload, and the size of its parts.
    package var resumableFrom: Int64
    package var partSize: Int64
    /// Files of this size and above become LFS files unless `.gitattributes` says otherwise.
    package var lfsThreshold: Int64
    package init(name: String, version: String, resumableFrom: Int64, partSize: Int64, lfsThreshold: Int64) {
        self.name = name
        self.version = version
        self.resumableFrom = resumableFrom
        self.partSize = partSize
        self.lfsThreshold = lfsThreshold
    }
}

/// RFC 9457, with `code` as the stable word and `details` for programs.
package struct Problem: Codable, Sendable {
    package var type: String
    package var title: String
    package var status: Int
    package var detail: String
    package var code: String
    package var requestID: String
    package var details: [String: String]?
    package init(type: String, title: String, status: Int, detail: String, code: String, requestID: String, details: [String: String]? = nil) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code
        self.requestID = requestID
        self.details = details
    }
}
