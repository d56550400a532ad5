import Core
import Hummingbird

extension HuggingFaceRoutes {
    /// What clients ask by the way, and go on without.
    static let smallRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", "/api/agent-harnesses", { _ in .json(.object([("standardEnvVars", .list([])), ("harnesses", .object([]))])) }),
        // HEAD alone is asked; what it would report is not looked at.
        ("GET", "/api/telemetry/{topic*}", { _ in .done }),
        // RFC 8628: people sign in with a token that was given to them.
        ("POST", "/oauth/device", { _ in denied }),
        ("POST", "/oauth/token", { _ in denied })
    ]

    private static var denied: Response {
        .json(
            .object([
                ("error", .text("access_denied")),
                ("error_description", .text("signing in through a browser is not supported by this server; use a token: hf auth login --token …"))
            ]), status: 400)
    }
}
