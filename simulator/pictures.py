"""Pictures that the bot sent: PNG only, as Sitebell draws its charts."""

from fastapi import APIRouter, HTTPException, Response

from simulator.world import World

PNG = b"\x89PNG\r\n\x1a\n"
_WIDTH, _HEIGHT = slice(16, 20), slice(20, 24)
UNKNOWN = (1, 1)


def png_measures(content: bytes) -> tuple[int, int]:
    """Width and height in pixels from the header; of anything else nothing is known."""
    if not content.startswith(PNG) or len(content) < _HEIGHT.stop:
        return UNKNOWN
    return int.from_bytes(content[_WIDTH]), int.from_bytes(content[_HEIGHT])


def add_pictures(router: APIRouter, world: World) -> None:
    @router.get("/pictures/{file_id}")
    async def picture(file_id: str) -> Response:
        row = world.database.row("SELECT content FROM picture WHERE file_id = ?", file_id)
        if row is None or not row["content"].startswith(PNG):
            raise HTTPException(404, "there is no such picture")
        return Response(
            row["content"], media_type="image/png", headers={"Cache-Control": "max-age=31536000, immutable"}
        )
