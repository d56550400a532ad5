import API
import ArgumentParser
import Client
import Core
import Foundation

struct EndpointShow: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an endpoint: what it serves, where traffic goes, what runs.",
        discussion: """
              grayling endpoint show chat
              grayling endpoint show chat --json     {"endpoint": …, "route": …, "replicas": […]}
            """)

    @Argument(help: "The endpoint.")
    var name: String

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    private struct Answer: Encodable {
        let endpoint: EndpointInfo
        let route: RouteInfo?
        let replicas: [ReplicaInfo]?
    }

    func run() async throws {
        let name = try EndpointName(parsing: name).text
        let session = try connection.session()
        let endpoint: EndpointInfo = try await session.call(.showEndpoint, [name])
        let route: RouteInfo? = endpoint.route == nil ? nil : try await session.call(.showRoute, [name])
        let replicas = try await replicas(session, name)
        if output.json { return try Terminal.json(Answer(endpoint: endpoint, route: route, replicas: replicas)) }
        Terminal.table(facts(endpoint, route))
        guard let replicas, !replicas.isEmpty else { return }
        Terminal.line("")
        Terminal.table(
            [["BACKEND", "SLOT", "STATE", "ADDRESS", "PID", "SINCE", "RESTARTS", "NOTE"]]
                + replicas.map {
                    [
                        String($0.backend.prefix(12)), "\($0.slot)", $0.state, $0.address ?? "-", $0.pid.map(String.init) ?? "-",
                        String($0.since.prefix(19)), "\($0.restarts)", $0.note
                    ]
                })
    }

    /// Not everybody may see what runs; then the rest is shown without it.
    private func replicas(_ session: Session, _ name: String) async throws -> [ReplicaInfo]? {
        do {
            return try await session.all(.listReplicas, query: [("endpoint", name)])
        } catch let error as HubError where error.code == .unauthenticated || error.code == .notPermitted {
            return nil
        }
    }

    private func facts(_ endpoint: EndpointInfo, _ route: RouteInfo?) -> [[String]] {
        var rows = [
            ["endpoint", endpoint.name],
            ["serves", endpoint.stable.map(ReleaseText.describe) ?? "nothing yet"],
            ["since", endpoint.stableSince ?? "-"], ["under way", endpoint.active ?? "-"],
            ["model", endpoint.repo ?? "its repo was deleted"],
            ["names", ([endpoint.name] + endpoint.publicNames.filter { $0 != endpoint.name }).joined(separator: ", ")],
            ["wire", endpoint.wire], ["access", endpoint.access],
            ["assigned", "by \(endpoint.unit)\(endpoint.keys.isEmpty ? ", drawn by itself" : ": \(endpoint.keys.joined(separator: ", "))")"]
        ]
        if !endpoint.pending.isEmpty { rows.append(["waiting", endpoint.pending.joined(separator: ", ")]) }
        if let route { rows.append(["route", "\(route.generation): \(RouteText.weights(route))"]) }
        if let drift = endpoint.drift {
            rows.append([
                "drift",
                "\(drift.asked) \(drift.now.map { "leads to \($0.prefix(12)) now" } ?? "is gone"); \(drift.applied.prefix(12)) was applied, and serves until you apply again"
            ])
        }
        for objective in endpoint.objectives { rows.append(["objective", Self.describe(objective)]) }
        rows.append(["generation", "\(endpoint.generation)"])
        return rows
    }

    private static func describe(_ objective: ObjectiveInfo) -> String {
        let report = objective.isReportOnly ? " (reported, decides nothing)" : ""
        if let scorer = objective.scorer { return "\(objective.name): paired answers by \(scorer), margin \(objective.margin ?? 0)\(report)" }
        return
            "\(objective.name): bad when \(objective.bad ?? ""), at most \(objective.slo ?? 0) or \(objective.relativeLimit ?? 0) times stable\(report)"
    }
}

enum RouteText {
    static func weights(_ route: RouteInfo) -> String {
        var words = route.targets.map { "\($0.variant) \(Units.percent($0.weight)) \($0.version)" }
        if let shadow = route.shadow { words.append("shadow \(Units.percent(shadow.ratio))") }
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }
}
