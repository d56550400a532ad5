/// What a client asks (git-lfs API, "Batch"). `ref` says nothing that matters here and is not read.
struct BatchRequest: Decodable, Sendable {
    struct Object: Decodable, Sendable {
        let oid: String
        let size: Int64
    }
    let operation: String
    let transfers: [String]?
    let hashAlgorithm: String?
    let objects: [Object]

    private enum CodingKeys: String, CodingKey {
        case operation, transfers, objects
        case hashAlgorithm = "hash_algo"
    }
}

struct BatchAnswer: Encodable {
    struct Object: Encodable {
        let oid: String
        let size: Int64
        var authenticated: Bool?
        var actions: Actions?
        var error: Failure?
    }
    struct Actions: Encodable {
        var upload: Action?
        var verify: Action?
        var download: Action?
    }
    struct Action: Encodable {
        let href: String
        var header: [String: String] = [:]
        /// Seconds.
        var expiresIn: Int64?

        private enum CodingKeys: String, CodingKey {
            case href, header
            case expiresIn = "expires_in"
        }
    }
    struct Failure: Encodable {
        let code: Int
        let message: String
    }

    let transfer: String
    let objects: [Object]
    private let hashAlgorithm = "sha256"

    init(transfer: String, objects: [Object]) {
        self.transfer = transfer
        self.objects = objects
    }

    private enum CodingKeys: String, CodingKey {
        case transfer, objects
        case hashAlgorithm = "hash_algo"
    }
}

/// How bytes may travel, as clients list it.
enum TransferKind: String {
    case basic, multipart, xet
}
