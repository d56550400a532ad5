package import Core

/// One request to an address that people gave us: a webhook's, or a step's hook.
package struct Errand: Hashable, Sendable {
    package var method: String
    package var url: String
    package var headers: [String: String]
    package var body: [UInt8]
    package var timeout: Milliseconds

    package init(method: String = "GET", url: String, headers: [String: String] = [:], body: [UInt8] = [], timeout: Milliseconds = 10_000) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

package enum ErrandOutcome: Hashable, Sendable {
    /// With this status, redirects included: none is followed.
    case answered(Int)
    /// Why there was no answer, for people.
    case failed(String)

    package var isSuccess: Bool {
        if case .answered(200..<300) = self { true } else { false }
    }
    package var text: String {
        switch self {
        case .answered(let status): "the answer was \(status)"
        case .failed(let reason): reason
        }
    }
}

/// Runs errands; an errand never takes longer than its timeout.
package protocol Courier: Sendable {
    func run(_ errand: Errand) async -> ErrandOutcome
}
