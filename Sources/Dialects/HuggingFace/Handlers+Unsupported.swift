import Core
import Hub
import Hummingbird

extension HuggingFaceRoutes {
    /// Discussions and pull requests, which there are none of. Clients know repos where they are turned off.
    static let unsupportedRoutes: [(method: String, pattern: String, value: Handler)] =
        ["", "/{more*}"].flatMap { rest in
            ["GET", "POST", "PUT", "PATCH", "DELETE"].map { method in
                (
                    method, inRepo("/discussions\(rest)"),
                    { @Sendable call in
                        _ = try call.hub.repo(try call.repo, for: call.who)
                        throw HubError(
                            .protected,
                            "Discussions are disabled for this repo: discussions and pull requests are not supported by this server; commit to a branch instead"
                        )
                    }
                )
            }
        }
}
